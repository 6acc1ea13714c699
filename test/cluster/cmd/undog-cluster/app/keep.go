package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/realnode"
	"github.com/undog-dev/undog/test/cluster/scripted"
	"github.com/undog-dev/undog/test/cluster/site"
	"github.com/undog-dev/undog/test/script"
)

// The kinds of node.
const (
	nodesScripted = "scripted"
	nodesReal     = "real"
)

// reportFD is where the keeper reports to the command that started it.
const reportFD = 3

// report is one line from the keeper: a step, an error, or that it is up.
type report struct {
	Step  string `json:"step,omitempty"`
	Error string `json:"error,omitempty"`
	Up    bool   `json:"up,omitempty"`
}

// settings are the flags of up, which it passes on to keep.
type settings struct {
	nodes     string
	nodeCount int
	script    string
	dir       string
}

func (s *settings) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.nodes, "nodes", nodesScripted, "kind of node: scripted (no root needed) or real (kubelet and containerd, root)")
	cmd.Flags().IntVar(&s.nodeCount, "node-count", 3, "number of scripted nodes")
	cmd.Flags().StringVar(&s.script, "script", "", "YAML file that says how pods on scripted nodes behave")
	cmd.Flags().StringVar(&s.dir, "dir", "", "empty folder for state and logs, kept afterwards (default: one that is removed by down)")
}

func (s *settings) validate() error {
	var errs []error
	switch s.nodes {
	case nodesScripted:
		if s.nodeCount < 1 {
			errs = append(errs, fmt.Errorf("--node-count %d: give 1 or more", s.nodeCount))
		}
	case nodesReal:
		if s.script != "" {
			errs = append(errs, fmt.Errorf("--script %s: only scripted nodes have one: leave it out, or use --nodes %s", s.script, nodesScripted))
		}
	default:
		errs = append(errs, fmt.Errorf("--nodes %q: use %s or %s", s.nodes, nodesScripted, nodesReal))
	}
	if s.script != "" {
		if _, err := script.Load(s.script); err != nil {
			errs = append(errs, fmt.Errorf("--script: %w", err))
		}
	}
	return errors.Join(errs...)
}

// newKeep is the process that stays in the background.
func newKeep() *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:    "keep",
		Short:  "Keep a cluster up in this process until it is told to stop",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithCancel(cmd.Context())
			defer cancel()
			to := &reporter{to: os.NewFile(reportFD, "report"), broken: cancel}
			err := keep(ctx, s, to)
			if err != nil {
				to.send(report{Error: err.Error()})
			}
			return err
		},
	}
	s.flags(cmd)
	return cmd
}

// reporter tells the command that waits. When that is gone before the cluster
// is up, nobody knows of the cluster, and it is not wanted.
type reporter struct {
	to     io.WriteCloser
	broken context.CancelFunc
}

func (r *reporter) send(line report) {
	if err := json.NewEncoder(r.to).Encode(line); err != nil {
		r.broken()
	}
}

func (r *reporter) step(step string) { r.send(report{Step: step}) }

// keep starts the cluster and its nodes and holds them until ctx ends.
func keep(ctx context.Context, s settings, to *reporter) (err error) {
	where, err := openPlace()
	if err != nil {
		return err
	}
	lock, err := where.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	// What is left there is of a keeper that was killed: the lock was free.
	if err := where.clear(); err != nil {
		return fmt.Errorf("remove old state: %w", err)
	}
	defer func() { err = errors.Join(err, where.clear()) }()
	dir := s.dir
	if dir == "" {
		dir = where.stateDir()
	}
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find own program: %w", err)
	}
	c, err := cluster.Start(ctx, cluster.Options{Binary: binary, Dir: dir, Progress: to.step})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	nodes, err := startNodes(ctx, s, c, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, nodes.stop()) }()
	err = where.write(record{
		Kubeconfig: c.Kubeconfig(), Dir: string(c.Dir()), Server: c.Server(), Nodes: s.nodes, Started: time.Now(),
	})
	if err != nil {
		return err
	}
	to.send(report{Up: true})
	// From here on the cluster lives without the command that asked for it.
	to.broken = func() {}
	_ = to.to.Close()
	select {
	case <-ctx.Done():
		return nil
	case <-c.Done():
		return fmt.Errorf("control plane ended by itself%s", c.LogTail())
	case <-nodes.done:
		return errors.New("nodes ended by themselves")
	}
}

// nodes are the running nodes.
type nodes struct {
	stop func() error
	done <-chan struct{}
}

func startNodes(ctx context.Context, s settings, c *cluster.Cluster, to *reporter) (*nodes, error) {
	if s.nodes == nodesReal {
		node, err := realnode.Start(ctx, realnode.Options{
			Cluster: c, Binary: sibling("undog-node"), Log: os.Stderr, Progress: to.step,
		})
		if err != nil {
			return nil, err
		}
		return &nodes{stop: node.Stop, done: node.Done()}, nil
	}
	to.step("registering scripted nodes")
	var played *script.Script
	if s.script != "" {
		var err error
		if played, err = script.Load(s.script); err != nil {
			return nil, err
		}
	}
	config, err := c.RESTConfigFor("scripted-kubelet", "system:masters")
	if err != nil {
		return nil, err
	}
	kubelet, err := scripted.New(config, scripted.Options{
		Nodes: s.nodeCount, Script: played, Handlers: site.Handlers(site.Admin()), Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	var failed error
	go func() {
		defer close(done)
		failed = kubelet.Run(running)
	}()
	stop := func() error {
		cancel()
		<-done
		return failed
	}
	select {
	case <-kubelet.Ready():
		return &nodes{stop: stop, done: done}, nil
	case <-done:
	case <-ctx.Done():
	}
	return nil, errors.Join(errors.New("start scripted nodes: not ready"), ctx.Err(), stop())
}

// sibling is the program beside this one, where the build puts both, or "" for
// the other package's own search.
func sibling(name string) string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	path := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
