package cgroup

import (
	"os"
	"path/filepath"
	"testing"
)

func TestParseMount(t *testing.T) {
	for line, want := range map[string]hierarchy{
		"30 29 0:26 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu":                {path: "/sys/fs/cgroup/cpu"},
		"30 29 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw":               {path: "/sys/fs/cgroup", unified: true},
		"30 29 0:26 / /sys/fs/cgroup rw,relatime - tmpfs cgroup rw,mode=755":                {},
		"30 29 0:26 / /var/lib/lxc/x/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw":      {},
		"30 29 0:26 / /sys/fs/cgroup":                                                       {},
		"":                                                                                  {},
		"30 29 0:26 / /sys/fs/cgroup/unified rw,relatime master:1 - cgroup2 none rw,nsdele": {path: "/sys/fs/cgroup/unified", unified: true},
	} {
		got, ok := parseMount(line)
		if got != want || ok != (want != hierarchy{}) {
			t.Errorf("parse %q: got %+v, %v, want %+v", line, got, ok, want)
		}
	}
}

func TestRemoveTreeRemovesTheDeepestFirst(t *testing.T) {
	root := filepath.Join(t.TempDir(), "undog0")
	if err := os.MkdirAll(filepath.Join(root, "kubepods", "burstable", "pod"), 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := removeTree(root); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(root); !os.IsNotExist(err) {
		t.Errorf("stat after the removal: got %v, want not exist", err)
	}
}
