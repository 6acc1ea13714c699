package app

import (
	"context"
	"sync"
	"time"

	"github.com/undog-dev/undog/policy"
)

// owedEvery is how often it is tried to give fields back that could not be given
// back at once.
const owedEvery = 5 * time.Second

// owed are the workloads that undog still owns fields of, though it has done
// with them: their owners' next apply would meet a conflict. There is one entry
// for each workload that undog wrote to.
type owed struct {
	active   func() bool
	giveBack func(context.Context, policy.Workload) error

	mu        sync.Mutex
	workloads map[string]policy.Workload
}

func newOwed(active func() bool) *owed {
	return &owed{active: active, workloads: map[string]policy.Workload{}}
}

// failed is for rollback.Options.
func (o *owed) failed(w policy.Workload, _ error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.workloads[w.UID] = w
}

// run tries again until ctx ends; the next start finds what is left then.
func (o *owed) run(ctx context.Context) {
	ticker := time.NewTicker(owedEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			o.again(ctx)
		}
	}
}

// again tries each of them once. One that no longer acts leaves them to the one
// that does, which looks for them when its turn begins.
func (o *owed) again(ctx context.Context) {
	if !o.active() {
		o.forget()
		return
	}
	for _, w := range o.list() {
		if ctx.Err() != nil {
			return
		}
		if o.giveBack(ctx, w) == nil {
			o.mu.Lock()
			delete(o.workloads, w.UID)
			o.mu.Unlock()
		}
	}
}

func (o *owed) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.workloads)
}

func (o *owed) list() []policy.Workload {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := make([]policy.Workload, 0, len(o.workloads))
	for _, w := range o.workloads {
		out = append(out, w)
	}
	return out
}
