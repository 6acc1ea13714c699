package supervisor

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/undog-dev/undog/test/cluster/realnode/cgroup"
	"github.com/undog-dev/undog/test/cluster/realnode/wire"
)

// node is what the supervisor holds.
type node struct {
	slot        slot
	snapshotter string
	inside      *network
	children    *reaper
	// restarts asks for another kubelet.
	restarts chan struct{}
	fail     context.CancelCauseFunc
}

// Main supervises a node with the state folder until standard input or the
// node ends. The process must be the first of new PID and mount namespaces.
func Main(state string) error {
	if os.Getpid() != 1 {
		return errors.New("not process 1: package realnode starts this program, in namespaces of its own")
	}
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGINT)
	defer stop()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)

	configs, restarts := make(chan *wire.Config, 1), make(chan struct{}, 1)
	go func() {
		err := readParent(os.Stdin, configs, restarts)
		fail(err)
	}()
	if err := arrangeMounts(state); err != nil {
		return err
	}
	n := &node{slot: unclaimed, children: newReaper(), restarts: restarts, fail: fail}
	err := n.run(ctx, configs)
	if cause := context.Cause(ctx); err == nil && !errors.Is(cause, errParentGone) && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	return errors.Join(err, n.end())
}

// errParentGone is how a node ends well.
var errParentGone = errors.New("the parent closed the pipe")

// readParent delivers the configuration and what is asked for after it, and
// returns when the parent is gone.
func readParent(from io.Reader, configs chan<- *wire.Config, restarts chan<- struct{}) error {
	lines := bufio.NewReader(from)
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return errParentGone
	}
	config := &wire.Config{}
	if err := json.Unmarshal(line, config); err != nil {
		return fmt.Errorf("decode the parent's configuration: %w", err)
	}
	configs <- config
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return errParentGone
		}
		var asked wire.Command
		if err := json.Unmarshal(line, &asked); err != nil {
			return fmt.Errorf("decode the parent's command: %w", err)
		}
		if asked.RestartKubelet {
			select {
			case restarts <- struct{}{}:
			default: // One is asked for already.
			}
		}
	}
}

// run brings the node up and waits for the end of ctx.
func (n *node) run(ctx context.Context, configs <-chan *wire.Config) error {
	if err := n.prepare(ctx); err != nil {
		return err
	}
	prepared := &wire.Prepared{Slot: int(n.slot), Address: n.slot.node().String(), Snapshotter: n.snapshotter}
	if err := wire.Write(os.Stdout, wire.Message{Prepared: prepared}); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case config := <-configs:
		if err := n.join(ctx, config); err != nil {
			return err
		}
	}
	if err := wire.Write(os.Stdout, wire.Message{Started: true}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// prepare does all that needs no API server.
func (n *node) prepare(ctx context.Context) error {
	n.step("making the node's network")
	var err error
	if n.inside, err = newNetwork(); err != nil {
		return err
	}
	if n.slot, err = claimSlot(n.inside); err != nil {
		return err
	}
	if err := n.inside.do(func() error { return configureNode(n.slot) }); err != nil {
		return err
	}
	// The claim is fresh: a cgroup of that name is a dead node's.
	if err := errors.Join(cgroup.Remove(ctx, n.slot.name()), cgroup.Create(n.slot.name())); err != nil {
		return err
	}
	data := wire.DataDir(wire.StateDir)
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	n.snapshotter = "native"
	if overlayWorks(data) {
		n.snapshotter = "overlayfs"
	}
	if err := startRegistry(ctx, n.inside, filepath.Join(data, "registry")); err != nil {
		return err
	}
	n.step("starting containerd")
	return n.startContainerd(ctx)
}

// join connects the node to its control plane.
func (n *node) join(ctx context.Context, config *wire.Config) error {
	n.step("starting kubelet and kube-scheduler")
	host, _, err := net.SplitHostPort(config.ServiceAddress)
	if err != nil {
		return fmt.Errorf("read service address: %w", err)
	}
	if err := n.inside.do(func() error { return addLoopback(host) }); err != nil {
		return err
	}
	for _, address := range []string{config.Server, config.ServiceAddress} {
		listener, err := listen(ctx, n.inside, address)
		if err != nil {
			return err
		}
		go forward(ctx, listener, config.Server)
	}
	if err := n.startScheduler(config); err != nil {
		return err
	}
	return n.startKubelet(config)
}

func (n *node) step(name string) {
	// A parent that no longer reads has closed standard input too.
	_ = wire.Write(os.Stdout, wire.Message{Step: name})
}

// start runs a program of the node, with its output in NAME.log. When the
// program ends, the node does.
func (n *node) start(name string, cmd *exec.Cmd) error {
	ended, err := n.launch(name, cmd)
	if err != nil {
		return err
	}
	go func() {
		// At the latest, end kills it.
		n.failed(name, <-ended)
	}()
	return nil
}

// failed ends the node because one of its programs has ended.
func (n *node) failed(name string, status unix.WaitStatus) {
	n.fail(fmt.Errorf("%s ended (%s)%s", name, describe(status), n.tail(name)))
}

// launch runs a program of the node; its end comes over the channel.
func (n *node) launch(name string, cmd *exec.Cmd) (<-chan unix.WaitStatus, error) {
	log, err := os.OpenFile(logFile(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log of %s: %w", name, err)
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, wire.StateDir
	var ended <-chan unix.WaitStatus
	err = n.inside.do(func() (err error) {
		ended, err = n.children.start(cmd)
		return err
	})
	return ended, err
}

// end leaves nothing of the node but its files.
func (n *node) end() error {
	err := n.children.killAll()
	if n.slot != unclaimed {
		// The link comes last: it is the claim on the cgroup's name.
		err = errors.Join(err, cgroup.Remove(context.Background(), n.slot.name()), releaseSlot(n.slot))
	}
	return err
}
