package kubeevents

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/undog-dev/undog/policy"
)

// Sink is the API server.
type Sink interface {
	// Create makes an Event and returns it as the server has it.
	Create(ctx context.Context, e *corev1.Event) (*corev1.Event, error)
	// Patch changes an Event by a JSON merge patch.
	Patch(ctx context.Context, namespace, name string, patch []byte) error
}

// Options is what New needs. Sink and Log must be set.
type Options struct {
	Sink Sink
	// Instance is the name of the pod or machine, as Events tell it.
	Instance string
	// Active tells whether this undog is the one that tells; nil means always.
	Active func() bool
	// Queue is how many transitions may wait to be written; default 1,000.
	Queue int
	Log   *slog.Logger
}

// Stats is what became of the transitions so far.
type Stats struct {
	// Depth is how many wait.
	Depth int
	// Written counts Events made, Repeated those that another one counts.
	Written, Repeated uint64
	// Dropped counts those that found the queue full, Limited those beyond what
	// is written about one Deployment, Failed those that the API server did not take.
	Dropped, Limited, Failed uint64
}

// Recorder writes Events, one after the other.
type Recorder struct {
	opts  Options
	queue chan *policy.Transition
	// ending is closed when what waits is to be written and nothing more is taken.
	ending chan struct{}
	end    sync.Once

	series *recent[key, *series]
	limits limiter
	quiet  time.Time // Until then nothing is logged.

	written, repeated, dropped, limited, failed atomic.Uint64
}

const (
	// defaultQueue is what client-go's broadcaster holds.
	defaultQueue = 1000
	// maxRemembered bounds the series that are open, and the Deployments whose
	// allowance is known.
	maxRemembered = 4096
)

// New makes a recorder. Run writes what it is given.
func New(opts Options) (*Recorder, error) {
	if opts.Sink == nil || opts.Log == nil {
		return nil, errors.New("make a recorder of Kubernetes Events: Sink and Log must be set")
	}
	if opts.Queue == 0 {
		opts.Queue = defaultQueue
	}
	if opts.Queue < 0 {
		return nil, fmt.Errorf("make a recorder of Kubernetes Events: Queue is %d: want at least 1", opts.Queue)
	}
	if opts.Active == nil {
		opts.Active = func() bool { return true }
	}
	return &Recorder{
		opts: opts, queue: make(chan *policy.Transition, opts.Queue), ending: make(chan struct{}),
		series: newRecent[key, *series](maxRemembered), limits: limiter{newRecent[string, allowance](maxRemembered)},
	}, nil
}

// Add has transitions told of. It never waits: what finds the queue full is
// dropped and counted.
func (r *Recorder) Add(all ...policy.Transition) {
	if len(all) == 0 || !r.opts.Active() {
		return
	}
	for i := range all {
		t := short(&all[i])
		if _, told := words[t.Kind]; !told {
			continue
		}
		select {
		case r.queue <- t:
		default:
			r.dropped.Add(1)
		}
	}
}

// short is as much of a transition as an Event tells, so that a full queue holds
// no evidence.
func short(t *policy.Transition) *policy.Transition {
	return &policy.Transition{
		ID: t.ID, Kind: t.Kind, Workload: t.Workload, At: t.At, Reason: t.Reason, Revision: t.Revision, Target: t.Target,
	}
}

// Run writes until ctx ends, or until Finish was called and nothing waits.
func (r *Recorder) Run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case t := <-r.queue:
			r.tell(ctx, t)
		case <-r.ending:
			select {
			case t := <-r.queue:
				r.tell(ctx, t)
			default:
				return
			}
		}
	}
}

// Finish has Run end when nothing waits any more. Nothing may be added after it.
func (r *Recorder) Finish() { r.end.Do(func() { close(r.ending) }) }

// Stats may be called at any time.
func (r *Recorder) Stats() Stats {
	return Stats{
		Depth: len(r.queue), Written: r.written.Load(), Repeated: r.repeated.Load(),
		Dropped: r.dropped.Load(), Limited: r.limited.Load(), Failed: r.failed.Load(),
	}
}

// quietFor is how long nothing is logged after something was.
const quietFor = 10 * time.Minute

// fail counts a transition that is not told, and says so now and then.
func (r *Recorder) fail(t *policy.Transition, err error) {
	n := r.failed.Add(1)
	now := time.Now()
	// A namespace that goes away takes no Events, which is nobody's trouble.
	if now.Before(r.quiet) || apierrors.IsNotFound(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return
	}
	r.quiet = now.Add(quietFor)
	r.opts.Log.Warn("cannot write an Event of a Deployment; the stream tells all the same", "namespace", t.Workload.Namespace,
		"deployment", t.Workload.Name, "failed", n, "err", err)
}
