package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/undog-dev/undog/test/cluster"
)

// stopGrace bounds the stop. The API server would wait a minute for open
// watches, and nothing here outlives the process anyway.
const stopGrace = 2 * time.Second

// Options says where a control plane keeps its state and whom it tells.
type Options struct {
	// Dir is the state folder; it must exist and be empty.
	Dir cluster.Dir
	// Listen is set, to its HOST:PORT, for an API server that is started again:
	// Dir then holds what the control plane before it has left.
	Listen string
	// Progress is told about each step of the start; nil tells nobody.
	Progress func(step string)
	// Ready is called once, with the API server's URL, when clients can start.
	Ready func(server string)
}

func (o *Options) complete() error {
	if o.Dir == "" {
		return errors.New("check options: Dir is empty: name an existing, empty folder")
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Ready == nil {
		o.Ready = func(string) {}
	}
	return nil
}

// Run starts the control plane and keeps it up until ctx ends or a part of it
// fails. It changes the process's working directory to the state folder, and
// after it returns the process can only exit: parts of the API server may
// still be stopping.
func Run(ctx context.Context, opts Options) error {
	if err := opts.complete(); err != nil {
		return err
	}
	if err := os.Chdir(string(opts.Dir)); err != nil {
		return fmt.Errorf("enter state folder: %w", err)
	}
	running, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var waits []func()
	if err := start(running, cancel, opts, &waits); err != nil {
		// What fails while the server goes down fails because of that.
		cancel(err)
	} else {
		<-running.Done()
	}
	stop(waits)
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(running)
}

// start brings everything up in order. What it leaves running it appends to
// waits, and ends it with fail when a part ends that nobody stopped.
func start(ctx context.Context, fail context.CancelCauseFunc, opts Options, waits *[]func()) error {
	opts.Progress("issuing certificates")
	authority, err := opts.credentials()
	if err != nil {
		return err
	}
	if err := writeAuditPolicy(opts.Dir); err != nil {
		return err
	}
	opts.Progress("starting etcd")
	if err := startEtcd(ctx, fail, opts.Dir); err != nil {
		return err
	}
	opts.Progress("starting kube-apiserver")
	server, wait, err := startAPIServer(ctx, fail, opts.Dir, opts.Listen)
	if err != nil {
		return err
	}
	*waits = append(*waits, wait)
	admin, err := authority.RESTConfig(server, "admin", mastersGroup)
	if err != nil {
		return err
	}
	opts.Progress("waiting for /readyz")
	if err := waitReady(ctx, admin); err != nil {
		return err
	}
	opts.Progress("starting controllers")
	wait, err = startControllers(ctx, authority, server)
	if err != nil {
		return err
	}
	*waits = append(*waits, wait)
	opts.Progress("waiting for the default service account")
	if err := waitServiceAccount(ctx, admin); err != nil {
		return err
	}
	if err := writeKubeconfigs(opts.Dir, authority, server); err != nil {
		return err
	}
	opts.Ready(server)
	return nil
}

// stop waits a little for what was started. etcd needs no stop: nothing reads
// its files again.
func stop(waits []func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, wait := range waits {
			wait()
		}
	}()
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-done:
	case <-grace.C:
	}
}
