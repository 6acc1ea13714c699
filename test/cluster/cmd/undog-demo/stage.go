package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/scripted"
	"github.com/undog-dev/undog/test/cluster/site"
	"github.com/undog-dev/undog/test/script"
)

// stage is everything that runs while the story is told. close takes it down,
// last things first.
type stage struct {
	story      *story
	dir        string
	kubeconfig string
	client     kubernetes.Interface
	undog      *daemon.Daemon
	closers    []func() error
}

func (s *stage) later(f func() error) { s.closers = append(s.closers, f) }

func (s *stage) close() error {
	var errs []error
	for _, v := range slices.Backward(s.closers) {
		errs = append(errs, v())
	}
	return errors.Join(errs...)
}

// set brings the stage up.
func set(ctx context.Context, tale *story, keep bool) (*stage, error) {
	s := &stage{story: tale}
	dir, err := os.MkdirTemp("", "undog-demo-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the demo: %w", err)
	}
	s.dir = dir
	s.later(func() error { return os.RemoveAll(dir) })
	up := s.child
	if keep {
		up = s.detached
	}
	if err := up(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.watchdog(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// child starts a cluster that ends with this process, however that ends.
func (s *stage) child(ctx context.Context) error {
	began := time.Now()
	c, err := cluster.Start(ctx, cluster.Options{Progress: func(step string) {
		fmt.Printf("  %s %s\n", dim(fmt.Sprintf("%5.1fs", time.Since(began).Seconds())), step)
	}})
	if err != nil {
		return fmt.Errorf("start the control plane: %w", err)
	}
	s.later(c.Stop)
	s.kubeconfig = c.Kubeconfig()
	cfg, err := c.RESTConfig()
	if err != nil {
		return fmt.Errorf("reach the control plane: %w", err)
	}
	if s.client, err = kubernetes.NewForConfig(cfg); err != nil {
		return fmt.Errorf("reach the control plane: %w", err)
	}
	return s.kubelet(ctx, cfg)
}

// kubelet runs the scripted kubelet in this process.
func (s *stage) kubelet(ctx context.Context, cfg *rest.Config) error {
	plan, err := script.Parse([]byte(s.story.play))
	if err != nil {
		return fmt.Errorf("read the play: %w", err)
	}
	k, err := scripted.New(cfg, scripted.Options{Script: plan, Handlers: site.Handlers(site.Admin())})
	if err != nil {
		return fmt.Errorf("start the scripted kubelet: %w", err)
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- k.Run(running) }()
	s.later(func() error { stop(); return <-ended })
	select {
	case <-k.Ready():
		return nil
	case err := <-ended:
		ended <- nil
		return fmt.Errorf("run the scripted kubelet: %w", err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// detached starts a cluster that stays.
func (s *stage) detached(ctx context.Context) error {
	file := filepath.Join(s.dir, "play.yaml")
	if err := os.WriteFile(file, []byte(s.story.play), 0o600); err != nil {
		return fmt.Errorf("write the play: %w", err)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(os.Getenv("UNDOG_BIN"), "undog-cluster"), "up", "--script", file)
	cmd.Stderr = os.Stdout
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("start the control plane: %w", err)
	}
	_, path, found := strings.Cut(strings.TrimSpace(string(out)), "KUBECONFIG=")
	if !found {
		return fmt.Errorf("start the control plane: undog-cluster up said %q", out)
	}
	s.kubeconfig = path
	cfg, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		return fmt.Errorf("reach the control plane: %w", err)
	}
	s.client, err = kubernetes.NewForConfig(cfg)
	return err
}

// watchdog starts undog with its embedded NATS server.
func (s *stage) watchdog(ctx context.Context) error {
	var err error
	s.undog, err = daemon.Start(daemon.Options{
		Kubeconfig: s.kubeconfig, Dir: s.dir,
		Config: fmt.Sprintf("policies: [{name: demo, bake: %s}]\n", bake) + s.story.config,
	})
	if err != nil {
		return err
	}
	s.later(func() error {
		stopping, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		return s.undog.Stop(stopping)
	})
	ready, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return s.undog.Ready(ready)
}
