package rollback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/policy"
)

const (
	defaultManager = "undog"
	defaultTimeout = 20 * time.Second
	// requestShare is how many requests one after the other may time out
	// before an action does.
	requestShare = 4
)

// Targets finds the template of a revision whose ReplicaSet is gone.
type Targets interface {
	// Template returns ledger.ErrNoTemplate when there is none.
	Template(ctx context.Context, w policy.Workload, revisionUID string) (json.RawMessage, error)
}

// Verdicts knows what is on record.
type Verdicts interface {
	// Condemned tells whether a revision is on record as bad.
	Condemned(ctx context.Context, w policy.Workload, ref policy.RevisionRef) (bool, error)
}

// Memory keeps records.
type Memory interface {
	Remember(ctx context.Context, w policy.Workload, rec policy.Record, template json.RawMessage) error
	Prune(ctx context.Context, w policy.Workload) error
}

// Ledger is the memory that an Executor writes to and looks targets up in.
type Ledger interface {
	Targets
	Verdicts
	Memory
}

// Options is what an Executor needs. Apps, Core, Ledger and MayAct are required.
type Options struct {
	// Apps is the client of the API group apps/v1, Core of the core group.
	Apps, Core rest.Interface
	Ledger     Ledger
	// MayAct tells whether this undog may write now. It is asked right before
	// every write.
	MayAct func() bool
	// Observes, if set, tells whether undog only observes by now. It is asked right
	// before every write that undoes or pauses something.
	Observes func() bool
	// GiveBackFailed, if set, is told when the field ownership could not be
	// given back. GiveBack can be called later.
	GiveBackFailed func(policy.Workload, error)
	// Capture, if set, reads what a convicted revision shows, which an undo will
	// take away. It is to end with its
	// context; an undo waits for it little longer, whether it does or not.
	Capture func(context.Context, policy.Decision) []policy.Captured
	Log     *slog.Logger
	// FieldManager is the writer's name, undog if empty.
	FieldManager string
	// Timeout bounds one action with all its requests; 20 s if zero.
	Timeout time.Duration
	// ClockOff, if set, is how far the clock is ahead of the API server's, as the
	// last answer showed, or by how much it was set since undog started. Nothing is
	// decided on while it is off.
	ClockOff func() time.Duration
	// Now is the clock, time.Now if nil.
	Now func() time.Time
}

func (o *Options) complete() error {
	var errs []error
	for _, field := range []struct {
		name    string
		missing bool
	}{
		{"Apps", o.Apps == nil}, {"Core", o.Core == nil}, {"Ledger", o.Ledger == nil}, {"MayAct", o.MayAct == nil},
	} {
		if field.missing {
			errs = append(errs, fmt.Errorf("%s is nil: it is required", field.name))
		}
	}
	if o.Timeout < 0 {
		errs = append(errs, fmt.Errorf("timeout is %v: give a positive duration, or 0 for %v", o.Timeout, defaultTimeout))
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.FieldManager == "" {
		o.FieldManager = defaultManager
	}
	if o.Observes == nil {
		o.Observes = func() bool { return false }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return errors.Join(errs...)
}
