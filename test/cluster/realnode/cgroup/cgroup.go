package cgroup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	// removePoll and removeTimeout bound the wait for killed processes, which
	// leave their cgroup a moment after they are gone.
	removePoll    = 20 * time.Millisecond
	removeTimeout = 10 * time.Second
)

// Create makes the cgroup in each hierarchy.
func Create(name string) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	if len(roots) == 0 {
		return errors.New("create cgroup: no cgroup hierarchy is mounted: mount one below /sys/fs/cgroup")
	}
	for _, root := range roots {
		if root.unified {
			enableControllers(root.path)
		}
		if err := os.Mkdir(filepath.Join(root.path, name), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("create cgroup: %w", err)
		}
		if root.unified {
			enableControllers(filepath.Join(root.path, name))
		}
	}
	return nil
}

// Remove removes the cgroup and those below it, whose processes must be dead
// or dying. One that does not exist is removed already.
func Remove(ctx context.Context, name string) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	var errs []error
	for _, root := range roots {
		var last error
		err := wait.PollUntilContextTimeout(ctx, removePoll, removeTimeout, true, func(context.Context) (bool, error) {
			last = removeTree(filepath.Join(root.path, name))
			return last == nil, nil
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("remove cgroup: %w", errors.Join(last, err)))
		}
	}
	return errors.Join(errs...)
}

// removeTree removes folders, deepest first: the files of a cgroup cannot be
// removed and go with it.
func removeTree(root string) error {
	var folders []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			folders = append(folders, path)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, folder := range slices.Backward(folders) {
		if err := syscall.Rmdir(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove %s: %w", folder, err)
		}
	}
	return nil
}

// enableControllers lets the children of a v2 cgroup have limits. A controller
// that cannot be had shows when the kubelet asks for it. At the root of the
// hierarchy they stay enabled, where systemd has most of them enabled anyway.
func enableControllers(path string) {
	available, err := os.ReadFile(filepath.Join(path, "cgroup.controllers"))
	if err != nil {
		return
	}
	for controller := range strings.FieldsSeq(string(available)) {
		_ = os.WriteFile(filepath.Join(path, "cgroup.subtree_control"), []byte("+"+controller), 0o644)
	}
}

// hierarchy is a mounted cgroup file system.
type hierarchy struct {
	path    string
	unified bool
}

func hierarchies() ([]hierarchy, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("find cgroup hierarchies: %w", err)
	}
	defer func() { _ = file.Close() }()
	var found []hierarchy
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if h, ok := parseMount(lines.Text()); ok {
			found = append(found, h)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("find cgroup hierarchies: %w", err)
	}
	return found, nil
}

// parseMount reads a line of mountinfo; see proc_pid_mountinfo(5).
func parseMount(line string) (hierarchy, bool) {
	mount, source, found := strings.Cut(line, " - ")
	fields, kind := strings.Fields(mount), strings.Fields(source)
	if !found || len(fields) < 5 || len(kind) < 1 {
		return hierarchy{}, false
	}
	path := fields[4]
	if !strings.HasPrefix(path, "/sys/fs/cgroup") {
		// A container's or a test's own mount of the same hierarchy.
		return hierarchy{}, false
	}
	switch kind[0] {
	case "cgroup":
		return hierarchy{path: path}, true
	case "cgroup2":
		return hierarchy{path: path, unified: true}, true
	}
	return hierarchy{}, false
}
