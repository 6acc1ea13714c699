package policy

import "time"

// Input is what the engine can be told. The set is closed: Observation,
// Comparison, CheckResult, Report, Outcome, Gone, Wake, Contact, Fleet,
// Leadership and Reconfigured. Every input carries its own time; the engine reads no clock.
type Input interface {
	// when is the time of the input.
	when() time.Time
}

// Gone says that a workload was deleted, or is no longer one that undog watches.
type Gone struct {
	At       time.Time
	Workload Workload
}

// Wake says that the time promised in Ready.WakeAt has come. A Wake that is
// early, late or repeated does no harm.
type Wake struct {
	At time.Time
}

// Contact says since when what undog sees of the cluster may be old: a watch is
// broken and has not come back. Lost is zero when all is well.
type Contact struct {
	At   time.Time
	Lost time.Time
}

// Fleet is what another process sees of its part of the fleet, as a summary.
// The engine adds it to what it sees itself. The newest per Source counts, and
// only for the brake's window.
type Fleet struct {
	At time.Time
	// Source names the process.
	Source string
	// Bad is how many unrelated workloads had a bad release, and Troubled how
	// many that were not being released began to fail, in the last window.
	Bad, Troubled int
}

// Comparison answers a Compare decision: what changed between two revisions.
type Comparison struct {
	At       time.Time
	Workload Workload
	// From and To are ReplicaSet UIDs.
	From, To string
	// Changes is never nil when the comparison succeeded, and sorted by Path.
	Changes []Change
	// Err is a sentence for people when the templates could not be read.
	Err string
}

// Outcome is the result of an action, fed back as input. DecisionID and Kind
// name the decision it answers.
type Outcome struct {
	At         time.Time
	Workload   Workload
	DecisionID string
	Kind       DecisionKind
	Result     Result
	// Reason is CamelCase and set when Result is Refused, Stale or Failed.
	Reason string
	// Message is a sentence for people.
	Message string
	// Generation is the workload's generation after the write, 0 if unknown.
	Generation int64
	// Captured is what was read of a convicted revision before the write.
	Captured []Captured
}

// Result says how an action ended.
type Result string

// The results of an action.
const (
	// Done means the write was accepted, or had been accepted before.
	Done Result = "Done"
	// NoChange means that what was asked for was already so.
	NoChange Result = "NoChange"
	// Stale means that the workload moved on since it was judged: judge again.
	Stale Result = "Stale"
	// Vanished means that the workload no longer exists, or is another one of the same name.
	Vanished Result = "Vanished"
	// Refused means that the write must not or cannot be made; Reason says why.
	Refused Result = "Refused"
	// Failed means that the write could not be made now and may succeed later.
	Failed Result = "Failed"
)

func (o *Observation) when() time.Time { return o.At }
func (c Comparison) when() time.Time   { return c.At }
func (o Outcome) when() time.Time      { return o.At }
func (g Gone) when() time.Time         { return g.At }
func (w Wake) when() time.Time         { return w.At }
func (c Contact) when() time.Time      { return c.At }
func (f Fleet) when() time.Time        { return f.At }
func (r CheckResult) when() time.Time  { return r.At }
func (r Report) when() time.Time       { return r.At }
