package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

// toldBefore is by how much another process may have told of something earlier
// than this one noticed it.
const toldBefore = time.Minute

// active tells whether it is this process's turn.
func (o *Outbox) active() bool { return o.opts.Active == nil || o.opts.Active() }

// Inherit takes over what another process should have told at best effort, in
// order, when this one's turn comes. What the stream has of it, by whatever id,
// is not told again; the rest is queued with the next comparison, which is asked
// for. It never blocks.
func (o *Outbox) Inherit(ts []policy.Transition) {
	o.mu.Lock()
	o.inherited = slices.Clone(ts[max(0, len(ts)-o.opts.Limit):])
	o.mu.Unlock()
	o.Reconcile()
}

// Yield ends this process's turn. What is durable of what waits is derived by
// whoever has it next; the rest nobody else knows of, and it stays.
func (o *Outbox) Yield() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lossy, o.due, o.inherited = false, false, nil
	if len(o.queue) == 0 {
		return
	}
	// The first may be on its way.
	kept := o.queue[:1:1]
	for _, q := range o.queue[1:] {
		if q.t.Kind.Durable() {
			delete(o.ids, q.t.ID)
		} else {
			kept = append(kept, q)
		}
	}
	o.queue = kept
}

// untold is what was inherited and the stream does not have.
func (o *Outbox) untold(ctx context.Context) ([]policy.Transition, error) {
	o.mu.Lock()
	list := o.inherited
	o.mu.Unlock()
	if len(list) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, o.opts.Timeout)
	defer cancel()
	told, err := o.opts.Told(ctx, list[0].At.Add(-toldBefore))
	if err != nil {
		return nil, fmt.Errorf("look at what was told: %w", err)
	}
	o.mu.Lock()
	o.inherited = nil
	o.mu.Unlock()
	return slices.DeleteFunc(list, told), nil
}
