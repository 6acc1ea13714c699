package app

import (
	"context"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"

	"github.com/undog-dev/undog/policy"
)

// executor carries out decisions against the cluster.
type executor interface {
	Do(ctx context.Context, d policy.Decision) policy.Outcome
	Compare(ctx context.Context, d policy.Decision) policy.Comparison
}

// actions carries out decisions beside the loop: those of one workload in
// order and one at a time, those of different workloads at the same time.
// What waits is bounded by the engine: it has at most one write, one
// comparison and a few adoptions open per workload.
type actions struct {
	executor executor
	// results is closed when the last action has ended after close.
	results chan policy.Input

	mu      sync.Mutex
	waiting map[string][]policy.Decision
	// began is since when each workload's present decision is carried out.
	began   map[string]time.Time
	queue   workqueue.TypedInterface[string]
	workers sync.WaitGroup
}

// workers is how many decisions are carried out at the same time.
const workers = 16

// newActions starts the workers. Every action has the executor's own deadline;
// ctx ends them all, and is not the context that a stop signal ends.
func newActions(ctx context.Context, ex executor) *actions {
	a := &actions{
		executor: ex,
		results:  make(chan policy.Input, 64),
		waiting:  make(map[string][]policy.Decision),
		began:    make(map[string]time.Time),
		queue:    workqueue.NewTypedWithConfig(workqueue.TypedQueueConfig[string]{Name: "actions"}),
	}
	for range workers {
		a.workers.Go(func() { a.work(ctx) })
	}
	go func() {
		a.workers.Wait()
		close(a.results)
	}()
	return a
}

// do queues a decision; it never blocks.
func (a *actions) do(d policy.Decision) {
	a.mu.Lock()
	a.waiting[d.Workload.UID] = append(a.waiting[d.Workload.UID], d)
	a.mu.Unlock()
	a.queue.Add(d.Workload.UID)
}

// close lets what is queued end and takes nothing more.
func (a *actions) close() { a.queue.ShutDown() }

// depth is the number of decisions that wait.
func (a *actions) depth() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, w := range a.waiting {
		n += len(w)
	}
	return n
}

// work carries out the decisions of one workload after the other.
func (a *actions) work(ctx context.Context) {
	for {
		uid, stop := a.queue.Get()
		if stop {
			return
		}
		for _, d := range a.next(uid) {
			select {
			case a.results <- a.carryOut(ctx, d):
			case <-ctx.Done():
			}
		}
		a.queue.Done(uid)
	}
}

// carryOut carries out one decision, and keeps the time.
func (a *actions) carryOut(ctx context.Context, d policy.Decision) policy.Input {
	a.mu.Lock()
	a.began[d.Workload.UID] = time.Now()
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.began, d.Workload.UID)
	}()
	if d.Kind == policy.Compare {
		return a.executor.Compare(ctx, d)
	}
	return a.executor.Do(ctx, d)
}

// oldest is when the oldest of the decisions under way was begun, zero without any.
func (a *actions) oldest() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return earliest(a.began)
}

// next takes what waits for a workload.
func (a *actions) next(uid string) []policy.Decision {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := a.waiting[uid]
	delete(a.waiting, uid)
	return list
}
