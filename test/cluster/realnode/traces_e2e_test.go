//go:build e2e

package realnode_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// trace is what a living node can be seen by on the machine.
type trace struct {
	processes map[int]string // The program, and when it started, by process id.
	mounts    string         // The node's mount namespace.
	link      string
}

// traces collects those of the node; a node with a pod has many.
func traces(t *testing.T, supervisor int, address string) trace {
	t.Helper()
	node := netip.MustParseAddr(address).As4()
	found := trace{processes: map[int]string{}, link: fmt.Sprintf("undog%d", node[2])}
	var err error
	if found.mounts, err = os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", supervisor)); err != nil {
		t.Fatal(err)
	}
	tree := parents(t)
	for pid := range tree {
		for ancestor := pid; ancestor != 0; ancestor = tree[ancestor] {
			if ancestor == supervisor {
				found.processes[pid] = identity(pid)
				break
			}
		}
	}
	all := fmt.Sprint(found.processes)
	for _, program := range []string{"containerd --config", "containerd-shim", " kubelet ", " scheduler ", "/pause", "/testapp serve"} {
		if !strings.Contains(all, program) {
			t.Errorf("the node runs no %s: %s", program, all)
		}
	}
	if _, err := net.InterfaceByName(found.link); err != nil {
		t.Errorf("find the node's link %s: %v", found.link, err)
	}
	if len(cgroups(t, found.link)) == 0 {
		t.Errorf("the node has no cgroup %s", found.link)
	}
	return found
}

// waitGone waits until no process, mount namespace or link of the node is there.
func (n trace) waitGone(t *testing.T) {
	t.Helper()
	var left []string
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		left = nil
		for pid, who := range n.processes {
			if identity(pid) == who {
				left = append(left, who)
			}
		}
		for pid := range parents(t) {
			if mounts, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid)); err == nil && mounts == n.mounts {
				left = append(left, "mounts held by "+identity(pid))
			}
		}
		if _, err := net.InterfaceByName(n.link); err == nil {
			left = append(left, "link "+n.link)
		}
		return len(left) == 0, nil
	})
	if err != nil {
		t.Errorf("the node is dead, yet there is: %s", strings.Join(left, ", "))
	}
}

// checkCgroup fails if there is a cgroup of the node a little later.
func (n trace) checkCgroup(t *testing.T) {
	t.Helper()
	var left []string
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		left = cgroups(t, n.link)
		return len(left) == 0, nil
	})
	if err != nil {
		t.Errorf("cgroups are left: %s", left)
	}
}

func cgroups(t *testing.T, name string) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		matches, err := filepath.Glob(pattern + name)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, matches...)
	}
	return found
}

// identity is a process's id, command line and start time; "" when there is
// none.
func identity(pid int) string {
	fields := stat(pid)
	if fields == nil {
		return ""
	}
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d %s (started at %s)", pid, bytes.ReplaceAll(command, []byte{0}, []byte{' '}), fields[19])
}

// parents maps each process to its parent.
func parents(t *testing.T) map[int]int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	entries = slices.DeleteFunc(entries, func(entry fs.DirEntry) bool { return !entry.IsDir() })
	found := map[int]int{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if fields := stat(pid); fields != nil {
			found[pid], _ = strconv.Atoi(fields[1])
		}
	}
	return found
}

// stat reads what follows the name of a process that is not a zombie; see
// proc_pid_stat(5).
func stat(pid int) []string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if fields[0] == "Z" {
		return nil
	}
	return fields
}
