package supervisor

import (
	"bytes"
	"context"
	_ "embed" // The templates.
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"
	"time"

	"golang.org/x/sys/unix"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/test/cluster/realnode/wire"
)

const (
	// CNIPlugins is where the distribution's package puts them.
	CNIPlugins = "/usr/lib/cni"

	containerdPoll    = 20 * time.Millisecond
	containerdTimeout = time.Minute
)

//go:embed containerd.toml
var containerdConfig string

//go:embed bridge.conflist
var networkConfig string

// containerdValues fill both templates.
type containerdValues struct {
	Data, Socket, PauseTag, Snapshotter, CNIPlugins string
	RestrictOOMScore                                bool
	Bridge                                          string
	Subnet, FirstPod, LastPod, Gateway              fmt.Stringer
}

func newContainerdValues(s slot, snapshotter string, restrict bool) containerdValues {
	return containerdValues{
		Data:             wire.DataDir(wire.StateDir),
		Socket:           wire.Socket,
		PauseTag:         wire.PauseTag,
		Snapshotter:      snapshotter,
		CNIPlugins:       CNIPlugins,
		RestrictOOMScore: restrict,
		Bridge:           bridge,
		Subnet:           s.subnet(),
		FirstPod:         s.firstPod(),
		LastPod:          s.lastPod(),
		Gateway:          s.node(),
	}
}

// writeContainerd writes containerd's and the network plugins' configuration
// and returns the path of the first.
func (v containerdValues) write() (string, error) {
	path := filepath.Join(v.Data, "containerd.toml")
	network := filepath.Join(v.Data, "cni", "undog.conflist")
	if err := os.MkdirAll(filepath.Dir(network), 0o755); err != nil {
		return "", fmt.Errorf("configure containerd: %w", err)
	}
	for file, text := range map[string]string{path: containerdConfig, network: networkConfig} {
		content, err := v.render(text)
		if err != nil {
			return "", fmt.Errorf("configure containerd: %s: %w", file, err)
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return "", fmt.Errorf("configure containerd: %w", err)
		}
	}
	return path, nil
}

func (v containerdValues) render(text string) ([]byte, error) {
	parsed, err := template.New("").Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, v); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// startContainerd runs containerd and waits until it answers.
func (n *node) startContainerd(ctx context.Context) error {
	restrict, err := missesResourceCapability()
	if err != nil {
		return err
	}
	config, err := newContainerdValues(n.slot, n.snapshotter, restrict).write()
	if err != nil {
		return err
	}
	if err := n.start("containerd", exec.Command("containerd", "--config="+config)); err != nil {
		return err
	}
	// It listens once its plugins are loaded.
	ctx, cancel := context.WithTimeoutCause(ctx, containerdTimeout,
		fmt.Errorf("containerd does not listen after %v", containerdTimeout))
	defer cancel()
	err = wait.PollUntilContextCancel(ctx, containerdPoll, true, func(ctx context.Context) (bool, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", wire.Socket)
		if err != nil {
			return false, nil
		}
		return true, conn.Close()
	})
	if err != nil {
		return fmt.Errorf("wait for containerd: %w%s", context.Cause(ctx), n.tail("containerd"))
	}
	return nil
}

// missesResourceCapability reports whether this process may not lower the
// score by which the kernel picks what to kill when memory runs out.
func missesResourceCapability() (bool, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false, fmt.Errorf("read capabilities: %w", err)
	}
	return data[0].Effective&(1<<unix.CAP_SYS_RESOURCE) == 0, nil
}
