package lead

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

var resource = schema.GroupResource{Group: "coordination.k8s.io", Resource: "leases"}

// store is a Lease as an API server keeps it: with versions, conflicts and
// watches, in the clock of a test.
type store struct {
	mu       sync.Mutex
	lease    *coordinationv1.Lease
	version  int
	watchers map[*watch.RaceFreeFakeWatcher]struct{}
	writes   int
}

func newStore() *store { return &store{watchers: map[*watch.RaceFreeFakeWatcher]struct{}{}} }

// write is called under the lock.
func (s *store) write(lease *coordinationv1.Lease) *coordinationv1.Lease {
	s.version++
	s.writes++
	kept := lease.DeepCopy()
	kept.ResourceVersion = strconv.Itoa(s.version)
	if kept.UID == "" {
		kept.UID = types.UID("lease-" + kept.ResourceVersion)
	}
	s.lease = kept
	for w := range s.watchers {
		w.Modify(kept.DeepCopy())
	}
	return kept.DeepCopy()
}

// remove deletes the Lease, as somebody with kubectl would.
func (s *store) remove() {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := s.lease
	s.lease = nil
	for w := range s.watchers {
		w.Delete(gone)
	}
}

// seize writes somebody else into the Lease.
func (s *store) seize(identity string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lease := s.lease.DeepCopy()
	lease.Spec.HolderIdentity = &identity
	s.write(lease)
}

// client is one process's way to the store.
type client struct {
	*store
	// before is called before each request is looked at and after it was
	// carried out; an error is what the process gets instead of the answer.
	way func(ctx context.Context, verb string, after bool) error
	// noWatch is that the right to watch is missing.
	noWatch bool
}

func (c *client) pass(ctx context.Context, verb string, after bool) error {
	c.mu.Lock()
	way := c.way
	c.mu.Unlock()
	if way == nil {
		return nil
	}
	return way(ctx, verb, after)
}

func (c *client) Get(ctx context.Context, name string, _ metav1.GetOptions) (*coordinationv1.Lease, error) {
	if err := c.pass(ctx, "get", false); err != nil {
		return nil, err
	}
	c.mu.Lock()
	lease := c.lease.DeepCopy()
	c.mu.Unlock()
	if err := c.pass(ctx, "get", true); err != nil {
		return nil, err
	}
	if lease == nil {
		return nil, apierrors.NewNotFound(resource, name)
	}
	return lease, nil
}

func (c *client) Create(ctx context.Context, lease *coordinationv1.Lease, _ metav1.CreateOptions) (*coordinationv1.Lease, error) {
	if err := c.pass(ctx, "create", false); err != nil {
		return nil, err
	}
	c.mu.Lock()
	var kept *coordinationv1.Lease
	if c.lease == nil {
		kept = c.write(lease)
	}
	c.mu.Unlock()
	if err := c.pass(ctx, "create", true); err != nil {
		return nil, err
	}
	if kept == nil {
		return nil, apierrors.NewAlreadyExists(resource, lease.Name)
	}
	return kept, nil
}

func (c *client) Update(ctx context.Context, lease *coordinationv1.Lease, _ metav1.UpdateOptions) (*coordinationv1.Lease, error) {
	if err := c.pass(ctx, "update", false); err != nil {
		return nil, err
	}
	c.mu.Lock()
	var kept *coordinationv1.Lease
	there := c.lease != nil
	if there && c.lease.ResourceVersion == lease.ResourceVersion {
		kept = c.write(lease)
	}
	c.mu.Unlock()
	if err := c.pass(ctx, "update", true); err != nil {
		return nil, err
	}
	switch {
	case !there:
		return nil, apierrors.NewNotFound(resource, lease.Name)
	case kept == nil:
		return nil, apierrors.NewConflict(resource, lease.Name, errors.New("it was changed"))
	}
	return kept, nil
}

func (c *client) Watch(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error) {
	if c.noWatch {
		return nil, apierrors.NewForbidden(resource, "", errors.New("may not watch"))
	}
	if err := c.pass(ctx, "watch", false); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := watch.NewRaceFreeFake()
	if c.lease != nil && c.lease.ResourceVersion != opts.ResourceVersion {
		w.Modify(c.lease.DeepCopy())
	}
	c.watchers[w] = struct{}{}
	context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watchers, w)
	})
	return w, nil
}

// lies makes the way another one.
func (c *client) lies(way func(context.Context, string, bool) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.way = way
}

// cut never answers, and does not even heed the end of the context.
func cut(ever <-chan struct{}) func(context.Context, string, bool) error {
	return func(context.Context, string, bool) error {
		<-ever
		return errors.New("cut off")
	}
}

// weather delays and breaks requests, before and after they are carried out.
func weather(r *rand.Rand) func(context.Context, string, bool) error {
	var mu sync.Mutex
	return func(ctx context.Context, _ string, _ bool) error {
		mu.Lock()
		dice, delay := r.IntN(100), time.Duration(r.IntN(200))*time.Millisecond
		mu.Unlock()
		switch {
		case dice < 5:
			return errors.New("connection refused")
		case dice < 8:
			delay = 7 * time.Second
		case dice < 9:
			delay = 40 * time.Second
		}
		select {
		case <-time.After(delay):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
