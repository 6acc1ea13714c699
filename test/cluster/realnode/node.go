package realnode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/cluster/realnode/cgroup"
	"github.com/undog-dev/undog/test/cluster/realnode/wire"
)

// Node is a running node.
type Node struct {
	dir       string
	temporary bool
	name      string
	prepared  wire.Prepared
	process   *process
	stop      sync.Once
	stopErr   error
}

// Start starts a node and waits until it is Ready. ctx bounds the start only:
// Stop ends the node.
func Start(ctx context.Context, opts Options) (*Node, error) {
	temporary, err := opts.complete()
	if err != nil {
		return nil, fmt.Errorf("start node: %w", err)
	}
	n := &Node{dir: opts.Dir, temporary: temporary}
	ctx, cancel := context.WithTimeoutCause(ctx, opts.Timeout,
		fmt.Errorf("not ready after %v", opts.Timeout))
	defer cancel()
	if err := n.start(ctx, opts); err != nil {
		return nil, errors.Join(fmt.Errorf("start node: %w%s", err, n.logTails()), n.Stop())
	}
	return n, nil
}

func (n *Node) start(ctx context.Context, opts Options) error {
	admin, err := opts.Cluster.RESTConfig()
	if err != nil {
		return fmt.Errorf("get admin's configuration: %w", err)
	}
	if n.process, err = startProcess(opts.Binary, n.dir, opts.Log); err != nil {
		return err
	}
	if err := n.process.follow(ctx, opts.Progress, func(m wire.Message) bool {
		if m.Prepared != nil {
			n.prepared = *m.Prepared
		}
		return m.Prepared != nil
	}); err != nil {
		return err
	}
	if n.name = opts.Name; n.name == "" {
		n.name = n.prepared.Address
	}
	opts.Progress("loading the pause image")
	if err := n.importPause(ctx); err != nil {
		return err
	}
	if err := n.join(ctx, opts, admin); err != nil {
		return err
	}
	opts.Progress("waiting for node " + n.name + " to be Ready")
	return n.waitReady(ctx, admin)
}

// join gives the supervisor the node's credentials.
func (n *Node) join(ctx context.Context, opts Options, admin *rest.Config) error {
	config, err := n.config(ctx, opts.Cluster, admin)
	if err != nil {
		return err
	}
	if err := wire.Write(n.process.stdin, config); err != nil {
		return fmt.Errorf("configure supervisor: %w", err)
	}
	return n.process.follow(ctx, opts.Progress, func(m wire.Message) bool { return m.Started })
}

// RestartKubelet kills the kubelet and waits until another one was started. The
// pods go on.
func (n *Node) RestartKubelet(ctx context.Context) error {
	if err := wire.Write(n.process.stdin, wire.Command{RestartKubelet: true}); err != nil {
		return fmt.Errorf("restart kubelet: %w", err)
	}
	if err := n.process.follow(ctx, func(string) {}, func(m wire.Message) bool { return m.Restarted }); err != nil {
		return fmt.Errorf("restart kubelet: %w", err)
	}
	return nil
}

// Name is the name of the Node object.
func (n *Node) Name() string { return n.name }

// Address is the node's address, which this machine can reach.
func (n *Node) Address() string { return n.prepared.Address }

// Dir is the state folder with the logs.
func (n *Node) Dir() string { return n.dir }

// Pid is the process id of the supervisor, without which the node does not live.
func (n *Node) Pid() int { return n.process.cmd.Process.Pid }

// Done is closed when the node has ended, by Stop or by itself.
func (n *Node) Done() <-chan struct{} { return n.process.done }

// logTails is the end of each program's log, ready to follow an error.
func (n *Node) logTails() string {
	var out strings.Builder
	for _, file := range wire.LogFiles() {
		// A program that was not started has none.
		if raw, err := os.ReadFile(filepath.Join(n.dir, file)); err == nil {
			fmt.Fprintf(&out, "\nend of %s:\n%s", file, raw[max(0, len(raw)-tailBytes):])
		}
	}
	return out.String()
}

// Stop ends the node, its pods and their processes, and waits for it; the Node
// object stays. It may be called again.
func (n *Node) Stop() error {
	n.stop.Do(func() {
		if err := n.end(); err != nil {
			n.stopErr = fmt.Errorf("stop node: %w", err)
		}
	})
	return n.stopErr
}

func (n *Node) end() error {
	var errs []error
	if n.process != nil {
		errs = append(errs, n.process.stop())
		if n.prepared.Address != "" {
			// The supervisor did this, unless it was killed.
			errs = append(errs, cgroup.Remove(context.Background(), fmt.Sprintf("undog%d", n.prepared.Slot)))
		}
	}
	// The node's mounts went with its processes: only files are left.
	remove := wire.DataDir(n.dir)
	if n.temporary {
		remove = n.dir
	}
	return errors.Join(append(errs, os.RemoveAll(remove))...)
}
