package lead

import (
	"context"
	"fmt"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Elector holds a Lease, or waits for it. Make one with New.
type Elector struct {
	opts    Options
	changed chan struct{}

	mu      sync.Mutex
	term    *term
	last    Change
	changes uint64
	known   string
	trouble Trouble

	// The rest belongs to the goroutine of Run.
	seen seen
	// requests are those that read and write the Lease, watches those that watch it.
	requests, watches row
}

// New makes an Elector, which stands by until Run is called.
func New(opts Options) (*Elector, error) {
	if err := opts.complete(); err != nil {
		return nil, fmt.Errorf("make elector: %w", err)
	}
	return &Elector{opts: opts, changed: make(chan struct{}, 1), last: Change{At: time.Now(), Reason: Starting}}, nil
}

// Run takes the Lease when it can and keeps it as long as it can, until ctx
// ends. Then it gives the Lease back, if it has it, and returns.
func (e *Elector) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if e.Leads() {
			e.renew(ctx)
			pause(ctx, e.opts.RetryPeriod)
			continue
		}
		e.standBy(ctx)
	}
	e.release(context.WithoutCancel(ctx))
}

// renew renews the Lease. Where it is not as it was left, it is looked at.
func (e *Elector) renew(ctx context.Context) {
	err := e.take(ctx)
	if isAnother(err) {
		// It may be that the answer to the last renewal was lost, or that
		// somebody deleted the Lease.
		if err = e.look(ctx); err == nil && (e.seen.lease == nil || e.isOwn()) {
			err = e.take(ctx)
		}
	}
	e.told(ctx, "renew", err)
}

// take writes this process into the Lease as it was seen last: it fails if
// anybody else has written since.
func (e *Elector) take(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.patience())
	defer cancel()
	reason, before := e.why(), shown(e.seen.holder())
	sent := time.Now()
	lease := e.seen.held(e.opts.Name, e.opts.Identity, e.opts.LeaseDuration, sent)
	var err error
	if lease.ResourceVersion == "" {
		lease, err = e.opts.Leases.Create(ctx, lease, metav1.CreateOptions{})
	} else {
		lease, err = e.opts.Leases.Update(ctx, lease, metav1.UpdateOptions{})
	}
	if err != nil {
		return fmt.Errorf("write lease %s: %w", e.opts.Name, err)
	}
	e.saw(lease)
	e.renewed(sent, reason, before)
	return nil
}

// look reads the Lease. A leader that finds somebody else's name has lost.
func (e *Elector) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.patience())
	defer cancel()
	lease, err := e.opts.Leases.Get(ctx, e.opts.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		e.saw(nil)
		return nil
	case err != nil:
		return fmt.Errorf("read lease %s: %w", e.opts.Name, err)
	}
	e.saw(lease)
	if !e.isOwn() {
		e.lose(Taken, shown(e.seen.holder()))
	}
	return nil
}

// isOwn tells whether the Lease names this process.
func (e *Elector) isOwn() bool { return e.seen.holder() == e.opts.Identity }

// isAnother tells whether the Lease is not the one that was to be written to.
func isAnother(err error) bool {
	return apierrors.IsConflict(err) || apierrors.IsNotFound(err) || apierrors.IsAlreadyExists(err)
}

// saw takes in the Lease as it is now.
func (e *Elector) saw(lease *coordinationv1.Lease) {
	e.seen.look(lease, time.Now())
	e.mu.Lock()
	before := e.known
	e.known = shown(e.seen.holder())
	holder := e.known
	e.mu.Unlock()
	if holder != before && holder != "" && holder != e.opts.Identity && e.opts.Others != nil {
		e.opts.Others(holder)
	}
}

// patience is how long one request may take: a renewal must have time for
// another try.
func (e *Elector) patience() time.Duration { return e.opts.RenewDeadline / 2 }

// releaseWithin bounds how long giving the Lease back may take.
const releaseWithin = 2 * time.Second

// release gives the Lease back. Acting has ended before.
func (e *Elector) release(ctx context.Context) {
	if !e.Leads() {
		return
	}
	e.lose(Stopping, "")
	ctx, cancel := context.WithTimeout(ctx, releaseWithin)
	defer cancel()
	_, err := e.opts.Leases.Update(ctx, e.seen.released(time.Now()), metav1.UpdateOptions{})
	if apierrors.IsConflict(err) && e.look(ctx) == nil && e.isOwn() {
		// The last renewal was broken off, and made all the same.
		_, err = e.opts.Leases.Update(ctx, e.seen.released(time.Now()), metav1.UpdateOptions{})
	}
	if err != nil {
		e.opts.Log.Warn("cannot give the lease back; it is free once it has expired", "lease", e.opts.Name, "err", err)
		return
	}
	e.opts.Log.Info("the lease is given back", "lease", e.opts.Name)
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
