package app

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// holderVariable makes this test binary hold the lock of the folder that
// XDG_RUNTIME_DIR names until its standard input ends.
const holderVariable = "UNDOG_CLUSTER_TEST_HOLDER"

func TestMain(m *testing.M) {
	if os.Getenv(holderVariable) != "" {
		hold()
		return
	}
	os.Exit(m.Run())
}

func hold() {
	where, err := openPlace()
	if err != nil {
		panic(err)
	}
	lock, err := where.lock()
	if err != nil {
		panic(err)
	}
	defer func() { _ = lock.Close() }()
	// A lock whose file is unreachable would be gone after this.
	runtime.GC()
	runtime.GC()
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// TestKeeperIsFoundByItsLock asks from one process for the holder in another.
func TestKeeperIsFoundByItsLock(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	where, err := openPlace()
	if err != nil {
		t.Fatal(err)
	}
	if pid, err := where.keeper(); err != nil || pid != 0 {
		t.Fatalf("keeper is %d, %v, want none", pid, err)
	}
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), holderVariable+"=1")
	holder.Stderr = os.Stderr
	stdin, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	_, readErr := bufio.NewReader(stdout).ReadString('\n')
	pid, err := where.keeper()
	if readErr != nil || err != nil || pid != holder.Process.Pid {
		t.Errorf("keeper is %d, %v, %v, want %d", pid, err, readErr, holder.Process.Pid)
	}
	if _, err := where.lock(); err == nil {
		t.Error("the lock was given twice")
	}
	if err := stdin.Close(); err != nil {
		t.Error(err)
	}
	if err := holder.Wait(); err != nil {
		t.Error(err)
	}
	if pid, err := where.keeper(); err != nil || pid != 0 {
		t.Errorf("keeper is %d, %v, want none after it ended", pid, err)
	}
}
