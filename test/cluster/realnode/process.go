package realnode

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/undog-dev/undog/test/cluster/realnode/wire"
)

const (
	// stopTimeout bounds how long a supervisor may take to kill its node.
	stopTimeout = 20 * time.Second
	// tailBytes is how much of its standard error an error carries.
	tailBytes = 4 << 10
)

// process is the supervisor.
type process struct {
	cmd      *exec.Cmd
	stdin    io.WriteCloser // The node lives as long as this is open.
	messages chan wire.Message
	tail     *tail
	done     chan struct{} // Closed when the process has been reaped.
	waitErr  error         // How it ended; read it after done.
}

// startProcess starts the supervisor as process 1 of new namespaces. Its own
// process group keeps a terminal's Ctrl-C from it.
func startProcess(binary, dir string, log io.Writer) (*process, error) {
	cmd := exec.Command(binary, "supervise", dir)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:    true,
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
	}
	p := &process{
		cmd: cmd,
		// Room for all that it ever sends, so that it never waits for a reader.
		messages: make(chan wire.Message, 16),
		tail:     &tail{},
		done:     make(chan struct{}),
	}
	cmd.Stderr = io.MultiWriter(p.tail, log)
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("make pipe to supervisor: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe from supervisor: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("run %s: %w", binary, err)
	}
	go func() {
		p.read(stdout)
		p.waitErr = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// read delivers messages until the supervisor ends.
func (p *process) read(from io.Reader) {
	defer close(p.messages)
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var message wire.Message
		if err := json.Unmarshal(lines.Bytes(), &message); err != nil {
			continue
		}
		select {
		case p.messages <- message:
		default:
			// It says no more than a dozen things; drop what nobody awaits.
		}
	}
}

// follow passes steps on until reached says so.
func (p *process) follow(ctx context.Context, progress func(string), reached func(wire.Message) bool) error {
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for supervisor: %w", context.Cause(ctx))
		case message, open := <-p.messages:
			if !open {
				return p.ended()
			}
			if message.Step != "" {
				progress(message.Step)
			}
			if reached(message) {
				return nil
			}
		}
	}
}

// ended is the error of a supervisor that ends by itself.
func (p *process) ended() error {
	<-p.done
	return fmt.Errorf("supervisor ended (%s)\n%s", p.cmd.ProcessState, p.tail)
}

// stop asks the supervisor to end, and kills it when it does not.
func (p *process) stop() error {
	// It fails when the supervisor has ended already.
	_ = p.stdin.Close()
	timer := time.NewTimer(stopTimeout)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("end supervisor: it took over %v and was killed\n%s", stopTimeout, p.tail)
	}
	if p.waitErr != nil {
		return fmt.Errorf("end supervisor: %w\n%s", p.waitErr, p.tail)
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

// Write never fails.
func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, text...)
	if extra := len(t.kept) - tailBytes; extra > 0 {
		t.kept = t.kept[extra:]
	}
	return len(text), nil
}

// String is what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}
