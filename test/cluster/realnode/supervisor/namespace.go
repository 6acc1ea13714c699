package supervisor

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// network is the node's network namespace: one thread that is in it. The rest
// of the process stays in the machine's, so that connections made elsewhere
// are the machine's.
type network struct {
	calls chan func()
	file  *os.File
}

func newNetwork() (*network, error) {
	n := &network{calls: make(chan func())}
	entered := make(chan error)
	go func() {
		// The thread is never unlocked: it ends with this goroutine, so no
		// other one runs in the namespace by accident.
		runtime.LockOSThread()
		entered <- n.enter()
		for call := range n.calls {
			call()
		}
	}()
	if err := <-entered; err != nil {
		close(n.calls)
		return nil, err
	}
	return n, nil
}

func (n *network) enter() error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("make network namespace: %w", err)
	}
	file, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return fmt.Errorf("open network namespace: %w", err)
	}
	n.file = file
	return nil
}

// do calls f in the namespace. A socket that f opens and a process that it
// starts stay there.
func (n *network) do(f func() error) error {
	done := make(chan error, 1)
	n.calls <- func() { done <- f() }
	return <-done
}
