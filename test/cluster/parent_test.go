package cluster_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/undog-dev/undog/test/cluster"
)

// parentVariable makes this test binary start a cluster in the folder that it
// names and wait.
const parentVariable = "UNDOG_CLUSTER_TEST_PARENT"

// beParent prints the process id of its control plane and then waits to be killed.
func beParent(dir string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := cluster.Start(ctx, cluster.Options{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("pid", c.Pid())
	// Whoever should kill it may have failed.
	<-ctx.Done()
	os.Exit(1)
}

// TestKilledParentLeavesNoProcess kills a process that has a cluster with
// SIGKILL, and then the control plane must go by itself.
func TestKilledParentLeavesNoProcess(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"="+t.TempDir())
	parent.Stderr = os.Stderr
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(errors.Join(err, parent.Process.Kill(), parent.Wait()))
	}
	pid, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(line), "pid "))
	if err != nil {
		t.Fatal(errors.Join(err, parent.Process.Kill(), parent.Wait()))
	}
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("the control plane is not there before the kill: %v", err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// It was killed, so this is an error.
	if err := parent.Wait(); err == nil {
		t.Fatal("the parent ended by itself")
	}
	eventually(t, "the control plane to go", func(context.Context) (bool, error) {
		return !alive(pid), nil
	})
}

// alive reports whether the process runs; one that only waits to be reaped by
// its new parent does not.
func alive(pid int) bool {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func TestStopIsQuickAndLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var steps []string
	c, err := cluster.Start(ctx, cluster.Options{Progress: func(step string) { steps = append(steps, step) }, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) < 5 {
		t.Errorf("steps are %q, want at least five", steps)
	}
	pid, dir := c.Pid(), string(c.Dir())
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Errorf("process %d is there after Stop", pid)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("state folder is there after Stop: %v", err)
	}
	if err := c.Stop(); err != nil {
		t.Errorf("stop again: %v", err)
	}
}

// TestControlPlaneThatDies shows that a cluster which ends by itself is noticed
// and can still be stopped.
func TestControlPlaneThatDies(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := cluster.Start(ctx, cluster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(c.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Done():
	case <-ctx.Done():
		t.Error("Done was not closed after the control plane died")
	}
	if tail := c.LogTail(); !strings.Contains(tail, c.Dir().Log()) {
		t.Errorf("the end of the log is %q", tail)
	}
	if err := c.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}
