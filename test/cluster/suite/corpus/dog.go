package corpus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/undog-dev/undog/notify/nats/embedded"
	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/hold"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

// stopWithin bounds the stop of an undog.
const stopWithin = time.Minute

// dog is an undog, or what is left of it between its death and its next start.
type dog struct {
	opts    daemon.Options
	server  *embedded.Server
	proxy   *hold.API
	journal *journal

	mu      sync.Mutex
	process *daemon.Daemon
}

// kennel is how an undog is to run.
type kennel struct {
	dir      string
	policies []*scenario.Scenario
	// stalls says that its watches are to be stalled.
	stalls bool
	// noBrake turns the fleet brake off.
	noBrake bool
	// later says that it is started later.
	later bool
}

// startDog starts an undog that sees the scenarios' namespaces.
func (h *host) startDog(ctx context.Context, k kennel) (*dog, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	if err := os.MkdirAll(filepath.Join(k.dir, "nats"), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of undog: %w", err)
	}
	config, err := k.config()
	if err != nil {
		return nil, err
	}
	d := &dog{opts: daemon.Options{Kubeconfig: h.kubeconfig, Dir: k.dir, Config: config}}
	if err := d.prepare(ctx, h, k); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *dog) prepare(ctx context.Context, h *host, k kennel) error {
	var err error
	if d.server, err = embedded.Start(embedded.Options{Listen: "127.0.0.1:0", StoreDir: filepath.Join(k.dir, "nats")}); err != nil {
		return err
	}
	d.opts.NATSURL = d.server.ClientURL()
	if k.stalls {
		if d.proxy, err = hold.NewAPI(h.config); err != nil {
			return err
		}
		if d.opts.Kubeconfig, err = d.proxy.Kubeconfig(k.dir); err != nil {
			return err
		}
	}
	if k.later {
		return nil
	}
	return d.start(ctx)
}

// start runs undog, and waits until it has seen the cluster if it is its first time.
func (d *dog) start(ctx context.Context) error {
	process, err := daemon.Start(d.opts)
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.process = process
	d.mu.Unlock()
	if d.journal != nil {
		return nil
	}
	if err := process.Ready(ctx); err != nil {
		return err
	}
	d.journal, err = readJournal(ctx, d.opts.NATSURL)
	return err
}

// kill ends undog at once.
func (d *dog) kill() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.process == nil {
		return nil
	}
	err := d.process.Kill()
	d.process = nil
	return err
}

// close ends everything; an undog that ended by itself is an error.
func (d *dog) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	var errs []error
	if d.process != nil {
		select {
		case <-d.process.Done():
			errs = append(errs, errors.New("undog ended by itself"))
		default:
			errs = append(errs, d.process.Stop(ctx))
		}
	}
	if d.journal != nil {
		d.journal.close()
	}
	if d.server != nil {
		errs = append(errs, d.server.Shutdown(ctx))
	}
	if d.proxy != nil {
		errs = append(errs, d.proxy.Close())
	}
	return errors.Join(errs...)
}

// namespace is where a scenario is played.
func namespace(s *scenario.Scenario) string { return strings.ToLower(s.ID) }
