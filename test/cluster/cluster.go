package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/cluster/access"
)

// stopTimeout bounds how long a control plane that was asked to stop may take;
// it allows itself two seconds.
const stopTimeout = 5 * time.Second

// Cluster is a running control plane, without nodes: add scripted ones with
// package scripted or a real one with package realnode.
type Cluster struct {
	dir       Dir
	temporary bool
	server    string
	authority *access.Authority
	binary    string
	cmd       *exec.Cmd
	alive     io.Closer // The child lives as long as this is open.
	log       *os.File
	done      chan struct{} // Closed when the child has been reaped.
	stop      sync.Once
	stopErr   error
}

// Start starts a control plane and waits until pods can be created in the
// namespace default. ctx bounds the start only: Stop ends the cluster.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	temporary, err := opts.complete()
	if err != nil {
		return nil, fmt.Errorf("start cluster: %w", err)
	}
	c := &Cluster{dir: Dir(opts.Dir), temporary: temporary, binary: opts.Binary, done: make(chan struct{})}
	ctx, cancel := context.WithTimeoutCause(ctx, opts.Timeout,
		fmt.Errorf("not ready after %v", opts.Timeout))
	defer cancel()
	if err := c.start(ctx, opts.Progress); err != nil {
		err = fmt.Errorf("start cluster: %w%s", err, c.LogTail())
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// Restart kills the control plane and starts it again, at the same address and
// with the same credentials, on what it has left. No other method may be called
// meanwhile. ctx bounds it.
func (c *Cluster) Restart(ctx context.Context) error {
	if err := c.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("restart cluster: %w", err)
	}
	<-c.done
	// The pipe to a process that has ended is closed already.
	_ = c.alive.Close()
	if err := c.log.Close(); err != nil {
		return fmt.Errorf("restart cluster: %w", err)
	}
	c.done = make(chan struct{})
	if err := c.start(ctx, func(string) {}); err != nil {
		return fmt.Errorf("restart cluster: %w%s", err, c.LogTail())
	}
	return nil
}

// Stop ends the control plane and waits for it. It may be called again.
func (c *Cluster) Stop() error {
	c.stop.Do(func() {
		var errs []error
		if c.alive != nil {
			// It is closed already when the child ended by itself.
			if err := c.alive.Close(); !errors.Is(err, os.ErrClosed) {
				errs = append(errs, err)
			}
			c.reap()
		}
		if c.log != nil {
			errs = append(errs, c.log.Close())
		}
		if c.temporary {
			errs = append(errs, os.RemoveAll(string(c.dir)))
		}
		if err := errors.Join(errs...); err != nil {
			c.stopErr = fmt.Errorf("stop cluster: %w", err)
		}
	})
	return c.stopErr
}

// reap waits for the child, which may not refuse to go.
func (c *Cluster) reap() {
	timer := time.NewTimer(stopTimeout)
	defer timer.Stop()
	select {
	case <-c.done:
		return
	case <-timer.C:
	}
	// It fails only when the child has just ended.
	_ = c.cmd.Process.Kill()
	<-c.done
}

// Done is closed when the control plane has ended, by Stop or by itself.
func (c *Cluster) Done() <-chan struct{} { return c.done }

// Dir is the state folder with logs, credentials and the audit log.
func (c *Cluster) Dir() Dir { return c.dir }

// Server is the URL of the API server.
func (c *Cluster) Server() string { return c.server }

// Pid is the process id of the control plane.
func (c *Cluster) Pid() int { return c.cmd.Process.Pid }

// Kubeconfig is the path of the admin's kubeconfig.
func (c *Cluster) Kubeconfig() string { return c.dir.AdminKubeconfig() }

// RESTConfig is a fresh configuration of a client that may do everything.
func (c *Cluster) RESTConfig() (*rest.Config, error) {
	return c.RESTConfigFor("admin", "system:masters")
}

// RESTConfigFor is the configuration of a client that authenticates as the
// user and groups; what it may do is for RBAC to say.
func (c *Cluster) RESTConfigFor(user string, groups ...string) (*rest.Config, error) {
	return c.authority.RESTConfig(c.server, user, groups...)
}

// KubeconfigFor writes a kubeconfig for the user and groups into the state
// folder and returns its path.
func (c *Cluster) KubeconfigFor(user string, groups ...string) (string, error) {
	pair, err := c.authority.Client(user, groups...)
	if err != nil {
		return "", err
	}
	content, err := c.authority.Kubeconfig(c.server, user, pair)
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp(string(c.dir), "user-*.kubeconfig")
	if err != nil {
		return "", fmt.Errorf("write kubeconfig of %s: %w", user, err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("write kubeconfig of %s: %w", user, err)
	}
	return file.Name(), nil
}

// command prepares the child. Its own process group keeps a terminal's Ctrl-C
// from it, so that the parent can still use the API while it cleans up.
func (c *Cluster) command() *exec.Cmd {
	args := []string{"control-plane", "--dir", string(c.dir)}
	if c.server != "" {
		args = append(args, "--listen", strings.TrimPrefix(c.server, "https://"))
	}
	cmd := exec.Command(c.binary, args...)
	cmd.Dir = string(c.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}
