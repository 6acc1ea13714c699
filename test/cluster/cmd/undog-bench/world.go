package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/undog-dev/undog/test/bench/load"
	"github.com/undog-dev/undog/test/bench/page"
	"github.com/undog-dev/undog/test/cluster/crowd"
)

// world is the cluster that undog is measured in.
type world interface {
	// Churn replaces pods with so many pod events a second from now on.
	Churn(ctx context.Context, perSecond int) error
	// Release begins n bad releases, one every so often.
	Release(ctx context.Context, n int, every time.Duration) error
	// State says how it stands.
	State(ctx context.Context) (load.State, error)
}

// common is undog's configuration in all clusters. Those that were just made are
// not old enough to be proven by the usual bake.
const (
	common = "brake: {rollouts: -1}\n"
	soon   = "policies: [{name: bench, bake: 5s}]\n"
	fresh  = common + soon
)

// start starts the cluster. What it returns ends it.
func (b *bench) start(ctx context.Context, dir string) (stop func(), err error) {
	if !b.real {
		b.Server, b.kubeconfig, b.config = page.Imitation, filepath.Join(dir, "kubeconfig"), common
		return b.serve(ctx, b.kubeconfig)
	}
	w, err := crowd.Start(ctx, crowd.Options{Shape: b.shape, Rights: b.opts.rights, Say: say})
	if err != nil {
		return nil, err
	}
	b.Server, b.kubeconfig, b.config, b.load = page.Real, w.Kubeconfig, fresh, w
	return func() {
		if err := w.Stop(); err != nil {
			say("stopping the control plane: %v", err)
		}
	}, nil
}

// serve starts what undog takes for an API server, in a process of its own.
func (b *bench) serve(ctx context.Context, kubeconfig string) (stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, "serve", "-pods", strconv.Itoa(b.shape.Pods), "-old", strconv.Itoa(b.shape.OldReplicaSets),
		"-largest", strconv.Itoa(b.shape.Largest), "-crashing", strconv.Itoa(b.shape.Crashing),
		"-kubeconfig", kubeconfig)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the API server: %w", err)
	}
	say("making %d pods", b.shape.Pods)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the API server: %w", err)
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return nil, fmt.Errorf("start the API server: %w", err)
	}
	b.load = load.Client{URL: strings.TrimSpace(line)}
	return stop, nil
}

// undogProgram is the undog that is measured: in $UNDOG_BIN or, without that,
// beside this program, however that was called.
func undogProgram() (string, error) {
	dir := os.Getenv("UNDOG_BIN")
	if dir == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("find this program: %w", err)
		}
		dir = filepath.Dir(self)
	}
	path, err := filepath.Abs(filepath.Join(dir, "undog"))
	if err != nil {
		return "", fmt.Errorf("find undog: %w", err)
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("find undog: %w: build it with `make build`, or say in $UNDOG_BIN which folder it is in", err)
	}
	return path, nil
}
