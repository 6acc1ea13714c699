package supervisor

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"

	"golang.org/x/sys/unix"
)

// reaper collects all children of process 1: those it started and those that
// lost their parent, as every shim does. Nobody may call Wait of a command
// that it started.
type reaper struct {
	mu       sync.Mutex
	children map[int]chan unix.WaitStatus
	signals  chan os.Signal
	done     chan struct{}
}

func newReaper() *reaper {
	r := &reaper{
		children: map[int]chan unix.WaitStatus{},
		signals:  make(chan os.Signal, 1),
		done:     make(chan struct{}),
	}
	signal.Notify(r.signals, unix.SIGCHLD)
	go r.run()
	return r
}

func (r *reaper) run() {
	defer close(r.done)
	for range r.signals {
		r.collect(unix.WNOHANG)
	}
}

// collect takes children that ended until none is left, or, without WNOHANG,
// until there are no children at all.
func (r *reaper) collect(options int) {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, options, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || pid == 0 {
			return
		}
		r.mu.Lock()
		if ended, ours := r.children[pid]; ours {
			ended <- status
			delete(r.children, pid)
		}
		r.mu.Unlock()
	}
}

// start runs the command; its end comes over the channel.
func (r *reaper) start(cmd *exec.Cmd) (<-chan unix.WaitStatus, error) {
	// A child that ends at once must not be collected before it is known.
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	ended := make(chan unix.WaitStatus, 1)
	r.children[cmd.Process.Pid] = ended
	return ended, nil
}

// killAll kills and collects every other process of the namespace.
func (r *reaper) killAll() error {
	signal.Stop(r.signals)
	close(r.signals)
	<-r.done
	if err := unix.Kill(-1, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill the node's processes: %w", err)
	}
	r.collect(0)
	return nil
}

// describe says how a process ended.
func describe(status unix.WaitStatus) string {
	if status.Signaled() {
		return "killed by " + status.Signal().String()
	}
	return fmt.Sprintf("exit code %d", status.ExitStatus())
}
