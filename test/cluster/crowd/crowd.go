package crowd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/bench/fleet"
	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/scripted"
	"github.com/undog-dev/undog/test/script"
)

const (
	// nodesWithin bounds how long the nodes may take to register.
	nodesWithin = 2 * time.Minute
	// kubelets is how many pods are worked on at once.
	kubelets = 32
)

// Options says what there is to be. All must be set.
type Options struct {
	Shape fleet.Shape
	// Rights is the path of deploy/rbac.yaml.
	Rights string
	// Say is told what is being done.
	Say func(format string, args ...any)
}

// World is the cluster. Start makes one, and Stop must end it.
type World struct {
	// Kubeconfig is undog's, with the rights that are shipped.
	Kubeconfig string

	opts     Options
	control  *cluster.Cluster
	client   kubernetes.Interface
	metadata metadata.Interface
	log      *auditLog
	frames   *frames
	all      []*fleet.Deployment

	ctx     context.Context
	end     context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	random *rand.Rand
	// fresh are those that had no bad release yet, releases what came of the others.
	fresh    []*fleet.Deployment
	releases []*release
	bad      map[string]*release
	replaced uint64
	calm     context.CancelFunc
	err      error
}

// Start starts a control plane, fills it, and returns when all pods are ready.
// ctx bounds the start only.
func Start(ctx context.Context, opts Options) (*World, error) {
	opts.Say("starting a control plane")
	control, err := cluster.Start(ctx, cluster.Options{})
	if err != nil {
		return nil, err
	}
	w := &World{opts: opts, control: control, log: newAuditLog(control.Dir().AuditLog()), bad: map[string]*release{}, all: opts.Shape.Deployments()}
	w.ctx, w.end = context.WithCancel(context.Background())
	w.random = rand.New(rand.NewPCG(1, 1)) //nolint:gosec // a simulation
	w.fresh = append(w.fresh, w.all...)
	w.random.Shuffle(len(w.fresh), func(i, j int) { w.fresh[i], w.fresh[j] = w.fresh[j], w.fresh[i] })
	if err := w.prepare(ctx); err != nil {
		return nil, errors.Join(err, w.Stop())
	}
	return w, nil
}

// Stop ends everything.
func (w *World) Stop() error {
	w.end()
	w.running.Wait()
	return w.control.Stop()
}

func (w *World) prepare(ctx context.Context) error {
	config, err := w.control.RESTConfig()
	if err != nil {
		return err
	}
	config.WarningHandler = rest.NoWarnings{}
	if w.metadata, err = metadata.NewForConfig(config); err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	w.frames = &frames{client: w.metadata, counts: map[string]uint64{}}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	if w.client, err = kubernetes.NewForConfig(config); err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	if err := daemon.Grant(ctx, config, w.opts.Rights); err != nil {
		return err
	}
	if w.Kubeconfig, err = w.control.KubeconfigFor(daemon.User, daemon.Groups()...); err != nil {
		return err
	}
	if err := w.nodes(ctx, config); err != nil {
		return err
	}
	return w.fill(ctx)
}

// nodes starts the kubelet of all nodes. Containers of what is released badly
// have a command that does not exist, all others are well.
func (w *World) nodes(ctx context.Context, config *rest.Config) error {
	w.opts.Say("registering %d nodes", w.opts.Shape.Nodes())
	bad := &script.Script{Rules: []script.Rule{{
		Name: "has no command", Match: script.Match{Image: "*" + tagOf(badImage(w.all[0]))}, Play: script.Play{Fail: &script.Fail{Reason: script.ReasonRunContainerError}},
	}}}
	config = rest.CopyConfig(config)
	config.Wrap(markReports)
	kubelet, err := scripted.New(config, scripted.Options{Nodes: w.opts.Shape.Nodes(), Prefix: "node", Script: bad, Workers: kubelets})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	w.running.Go(func() {
		err := kubelet.Run(w.ctx)
		w.failed(err)
		ended <- err
	})
	ctx, cancel := context.WithTimeout(ctx, nodesWithin)
	defer cancel()
	select {
	case <-kubelet.Ready():
		return nil
	case err := <-ended:
		return fmt.Errorf("run the nodes: %w", errors.Join(err, errors.New("they ended")))
	case <-ctx.Done():
		return fmt.Errorf("wait for the nodes: %w", ctx.Err())
	}
}

// failed keeps the first thing that went wrong, which State tells.
func (w *World) failed(err error) {
	if err == nil || w.ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}
