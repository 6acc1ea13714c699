package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
	"k8s.io/component-helpers/node/util/sysctl"

	"github.com/undog-dev/undog/test/cluster/realnode/wire"
)

// hidden are the folders in which the node's programs keep things whose place
// cannot be configured; the node gets empty ones.
var hidden = []string{"/run", "/var/lib", "/var/log"}

// masked are kernel settings that a kubelet sets if they differ. They belong
// to the whole machine, so the kubelet is shown the value that it wants.
var masked = map[string]int{
	sysctl.VMOvercommitMemory: sysctl.VMOvercommitMemoryAlways,
	sysctl.VMPanicOnOOM:       sysctl.VMPanicOnOOMInvokeOOMKiller,
	sysctl.KernelPanic:        sysctl.KernelPanicRebootTimeout,
	sysctl.KernelPanicOnOops:  sysctl.KernelPanicOnOopsAlways,
	sysctl.RootMaxKeys:        sysctl.RootMaxKeysSetting,
	sysctl.RootMaxBytes:       sysctl.RootMaxBytesSetting,
}

// arrangeMounts makes the mount namespace the node's own and puts the state
// folder at wire.StateDir.
func arrangeMounts(state string) error {
	// Nothing that is mounted here may reach the machine.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	// The folder may be in one that is about to be hidden.
	folder, err := unix.Open(state, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open state folder %s: %w", state, err)
	}
	defer func() { _ = unix.Close(folder) }()
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	for _, path := range hidden {
		if err := unix.Mount("tmpfs", path, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
			return fmt.Errorf("mount over %s: %w", path, err)
		}
	}
	if err := os.Mkdir(wire.StateDir, 0o700); err != nil {
		return fmt.Errorf("make mount point: %w", err)
	}
	if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", folder), wire.StateDir, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mount state folder: %w", err)
	}
	if err := maskSettings("/run/kernel-settings"); err != nil {
		return err
	}
	// Pods may ask for volumes that share mounts; among themselves they can.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
		return fmt.Errorf("share mounts in the node: %w", err)
	}
	return nil
}

func maskSettings(folder string) error {
	if err := os.Mkdir(folder, 0o755); err != nil {
		return fmt.Errorf("mask kernel settings: %w", err)
	}
	for name, value := range masked {
		setting := filepath.Join("/proc/sys", name)
		if _, err := os.Stat(setting); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		mask := filepath.Join(folder, filepath.Base(name))
		if err := os.WriteFile(mask, []byte(strconv.Itoa(value)+"\n"), 0o644); err != nil {
			return fmt.Errorf("mask kernel setting: %w", err)
		}
		if err := unix.Mount(mask, setting, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mask kernel setting %s: %w", name, err)
		}
	}
	return nil
}

// overlayWorks tries the file system that makes container starts fast; where
// the state folder itself is on an overlay, the kernel refuses it.
func overlayWorks(dir string) bool {
	parts := map[string]string{}
	for _, part := range []string{"lower", "upper", "work", "merged"} {
		parts[part] = filepath.Join(dir, "overlay-probe", part)
		if err := os.MkdirAll(parts[part], 0o700); err != nil {
			return false
		}
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", parts["lower"], parts["upper"], parts["work"])
	if err := unix.Mount("overlay", parts["merged"], "overlay", 0, options); err != nil {
		return false
	}
	return unix.Unmount(parts["merged"], unix.MNT_DETACH) == nil
}
