package outbox

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
)

// Defaults of Options.
const (
	DefaultLimit    = 4096
	DefaultInterval = 10 * time.Minute
	DefaultMaxAge   = 7 * 24 * time.Hour
	DefaultMinWait  = 250 * time.Millisecond
	DefaultMaxWait  = 30 * time.Second
	DefaultTimeout  = 2 * time.Minute
	DefaultLook     = 30 * time.Second
)

// HoldingFunc says what the stream holds, in numbers.
type HoldingFunc func(ctx context.Context) (notify.Holding, error)

// KnownFunc returns a test for the ids that the stream has got since a moment.
type KnownFunc func(ctx context.Context, since time.Time) (func(id string) bool, error)

// ToldFunc returns a test for what the stream has got since a moment, whoever
// told it and under whatever id.
type ToldFunc func(ctx context.Context, since time.Time) (func(policy.Transition) bool, error)

// Options is what an Outbox needs. Publisher and Cluster must be set; zero
// values elsewhere mean the defaults.
type Options struct {
	Publisher notify.Publisher
	Cluster   string
	// Owed returns the durable transitions that the cluster says happened; of
	// one workload, the earlier ones first. It is called from the goroutine of
	// Run, and until the cluster was read it returns nothing; call Reconcile
	// then. Known tells which of them the stream has. Without both, nothing is
	// reconciled.
	Owed  func() []policy.Transition
	Known KnownFunc
	// Holding, if set, is asked every LookEvery whether the stream lost what it
	// had: that is told, and reconciled at once.
	Holding   HoldingFunc
	LookEvery time.Duration
	// Active tells whether this process is the one of several that publishes
	// what the cluster owes; nil means always. Another one publishes what it is
	// given, and neither compares nor looks.
	Active func() bool
	// Told is asked for what was inherited; without it, Inherit must not be called.
	Told ToldFunc
	// Reconnected receives whenever the connection has come (back) up.
	Reconnected <-chan struct{}
	// Limit bounds the queue.
	Limit int
	// Interval is the time between two reconciliations.
	Interval time.Duration
	// MaxAge bounds what is reconciled: what is older is history.
	MaxAge time.Duration
	// MinWait and MaxWait bound the pause after a failure; it doubles in between.
	MinWait, MaxWait time.Duration
	// Timeout bounds one look at what the stream has.
	Timeout time.Duration
	Log     *slog.Logger
}

// Stats is for metrics.
type Stats struct {
	// Depth is the number of events waiting, Oldest how long the oldest of
	// them has been; zero when none is.
	Depth  int
	Oldest time.Duration
	// Published counts events accepted by the publisher, Duplicates those of
	// them that the stream had before, if the publisher tells.
	Published, Duplicates uint64
	// Failed counts events rejected for good, Retried the tries to be repeated.
	Failed, Retried uint64
	// Shed counts best-effort events that were dropped because the queue was
	// full, Forgotten durable ones, which are derived again.
	Shed, Forgotten uint64
	// Losses counts how often the stream was found to have lost what it had.
	Losses uint64
	// Reconciled counts events found missing from the stream, and queued.
	Reconciled uint64
	// LastReconciled is when the stream was last known to have everything
	// that was owed, or to have it queued; zero if never.
	LastReconciled time.Time
	// Busy is since when Run has been at one turn, zero while it waits. Blocked is
	// since when nothing has got out although something waits, zero when nothing does.
	Busy, Blocked time.Time
}

// Outbox publishes transitions. Make one with New.
type Outbox struct {
	opts Options
	log  *slog.Logger

	// wake and hurry have room for one. Run looks again after wake, unless it
	// pauses after a failure, and after hurry in any case.
	wake, hurry chan struct{}

	mu    sync.Mutex
	queue []item
	ids   map[string]struct{}
	// told remembers the durable events published last: the reconciliation can
	// be faster than the one who adds.
	told *memory
	// lossy is set while durable transitions are missing from the queue. What
	// came after them has to wait for the reconciliation too, or it would
	// overtake them.
	lossy bool
	due   bool
	// inherited is what nobody may have told, until that is known.
	inherited []policy.Transition
	stats     Stats
	// lastOut is when an event last left the queue.
	lastOut time.Time
	// accepted is told how long each event waited that was accepted; it may be nil.
	accepted func(waited time.Duration)
	// empty is closed, and replaced, when the queue becomes empty.
	empty chan struct{}

	// The rest belongs to the goroutine of Run.
	rejected *memory
	// blind counts failed reconciliations in a row; the next one is made at
	// the earliest at lookAt, after a pause that doubles.
	blind  int
	lookAt time.Time
	look   pause
	// held is what the stream held at the last look and got since, and loss what
	// it was seen to have lost since and has not been told, at lostAt. unseen
	// says that a look failed since.
	held       notify.Holding
	loss       loss
	lostAt     time.Time
	inspectDue bool
	unseen     bool
}

// item is one event waiting, with the time since which it has been.
type item struct {
	t     policy.Transition
	since time.Time
}

// New returns an Outbox, which does nothing until Run is called.
func New(opts Options) (*Outbox, error) {
	var errs []error
	if opts.Publisher == nil {
		errs = append(errs, errors.New("new outbox: Publisher is nil: pass the one that delivers"))
	}
	if err := notify.CheckCluster(opts.Cluster); err != nil {
		errs = append(errs, err)
	}
	if (opts.Owed == nil) != (opts.Known == nil) {
		errs = append(errs, errors.New("new outbox: Owed and Known go together: pass both or neither"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	opts.Limit = or(opts.Limit, DefaultLimit)
	opts.Interval = or(opts.Interval, DefaultInterval)
	opts.MaxAge = or(opts.MaxAge, DefaultMaxAge)
	opts.MinWait = or(opts.MinWait, DefaultMinWait)
	opts.MaxWait = max(or(opts.MaxWait, DefaultMaxWait), opts.MinWait)
	opts.Timeout = or(opts.Timeout, DefaultTimeout)
	opts.LookEvery = or(opts.LookEvery, DefaultLook)
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Outbox{
		opts:  opts,
		log:   opts.Log,
		wake:  make(chan struct{}, 1),
		hurry: make(chan struct{}, 1),
		ids:   map[string]struct{}{},
		due:   opts.Owed != nil,

		inspectDue: true,
		empty:      make(chan struct{}),
		told:       newMemory(opts.Limit),
		rejected:   newMemory(maxRejected),
		look:       pause{min: opts.MinWait, max: opts.MaxWait},
	}, nil
}

// or is the value, or the default where there is none.
func or[T int | time.Duration](value, byDefault T) T {
	if value > 0 {
		return value
	}
	return byDefault
}

// Add queues transitions to be published. It never blocks.
func (o *Outbox) Add(ts ...policy.Transition) {
	if len(ts) == 0 {
		return
	}
	now := time.Now()
	o.mu.Lock()
	for _, t := range ts {
		o.add(t, now)
	}
	o.mu.Unlock()
	poke(o.wake)
}

// Accepted has f called with the time that each event waited from Add until the
// publisher had accepted it. It must be called before Run, at most once.
func (o *Outbox) Accepted(f func(waited time.Duration)) { o.accepted = f }

// Reconcile asks Run to compare the cluster with the stream soon. It never blocks.
func (o *Outbox) Reconcile() {
	o.mu.Lock()
	o.due = o.opts.Owed != nil
	o.mu.Unlock()
	poke(o.wake)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Drain waits until everything that was added has been published or rejected.
// Run must be running. The error says how many events are left when ctx ends;
// of these, the durable ones will be derived again by the next undog.
func (o *Outbox) Drain(ctx context.Context) error {
	poke(o.hurry)
	for {
		o.mu.Lock()
		left, empty := len(o.queue), o.empty
		o.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-empty:
		case <-ctx.Done():
			return &LeftError{Events: left, Err: context.Cause(ctx)}
		}
	}
}

// Stats returns the present numbers.
func (o *Outbox) Stats() Stats {
	o.mu.Lock()
	s := o.stats
	s.Depth = len(o.queue)
	if s.Depth > 0 {
		s.Oldest = time.Since(o.queue[0].since)
		if s.Blocked = o.queue[0].since; o.lastOut.After(s.Blocked) {
			s.Blocked = o.lastOut
		}
		if !o.active() {
			s.Blocked = time.Time{} // It is somebody else's turn.
		}
	}
	o.mu.Unlock()
	if p, ok := o.opts.Publisher.(interface{ Duplicates() uint64 }); ok {
		s.Duplicates = p.Duplicates()
	}
	return s
}
