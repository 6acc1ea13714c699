package policy

import "time"

// Engine judges workloads. It is not safe for concurrent use: one goroutine
// owns it and calls Step. The same inputs give the same outputs, byte for byte.
type Engine struct {
	settings Settings
	// deferring are the policies where somebody else keeps the workload, nil for
	// those that name their action.
	deferring []*Policy
	workloads map[key]*workload
	wakes     wakeQueue
	fleet     fleet
	// lost is since when the caches may be old, zero when they are not.
	lost time.Time
	// role is this process's among several, ledSince when it took over last.
	role     role
	ledSince time.Time
	// epoch counts how often the settings were replaced.
	epoch int
	out   Ready
}

// key identifies a workload: a name can be reused, a UID cannot.
type key struct{ kind, uid string }

func keyOf(w Workload) key { return key{w.Kind, w.UID} }

// New returns an engine that knows no workload yet.
func New(settings Settings) *Engine {
	e := &Engine{settings: settings, workloads: make(map[key]*workload), fleet: newFleet(settings.Brake)}
	e.settings.Policies, e.deferring = actions(settings.Policies)
	return e
}

// Len is the number of workloads that the engine holds a state for.
func (e *Engine) Len() int { return len(e.workloads) }

// Braked tells whether the fleet brake holds.
func (e *Engine) Braked() bool { return !e.fleet.engaged.IsZero() }

// Phase is where a workload stands, PhaseNone when the engine does not know it.
func (e *Engine) Phase(w Workload) Phase {
	if s := e.workloads[key{w.Kind, w.UID}]; s != nil {
		return s.phase
	}
	return PhaseNone
}

// Step takes one input and returns what follows from it.
func (e *Engine) Step(in Input) Ready {
	e.out = Ready{}
	e.fleet.pass(in.when())
	switch in := in.(type) {
	case *Observation:
		e.observe(in)
	case Gone:
		e.forget(in.Workload)
	case Wake:
		e.wake(in.At)
	case Comparison:
		e.compared(in)
	case CheckResult:
		e.checkedBy(in)
	case Report:
		e.report(in)
	case Outcome:
		e.outcome(in)
	case Contact:
		e.lost = in.Lost
	case Fleet:
		e.fleet.hear(in)
	case Leadership:
		e.lead(in)
	case Reconfigured:
		e.reconfigure(in)
	}
	e.brake(in.when())
	e.out.WakeAt = e.wakes.next()
	return e.out
}

// observe takes a workload's new state and judges it. An observation that says
// nothing new costs one look-up.
func (e *Engine) observe(o *Observation) {
	k := key{o.Workload.Kind, o.Workload.UID}
	w := e.workloads[k]
	if w == nil {
		w = &workload{first: true, queued: -1}
		e.workloads[k] = w
		e.fleet.namespaces[o.Workload.Namespace]++
	} else if w.version == o.Version {
		return
	}
	w.version = o.Version
	w.reconsider(o)
	w.obs = o.withOwnUndos()
	w.heed()
	e.judge(w, o.At)
}

// wake judges again every workload whose time has come.
func (e *Engine) wake(at time.Time) {
	for {
		w := e.wakes.pop(at)
		if w == nil {
			return
		}
		if w.obs != nil {
			e.judge(w, at)
		}
	}
}

// forget drops a workload: it is gone, or no longer undog's to watch.
func (e *Engine) forget(gone Workload) {
	k := keyOf(gone)
	if w := e.workloads[k]; w != nil {
		e.wakes.remove(w)
		delete(e.workloads, k)
		e.fleet.forget(k, gone.Namespace)
	}
}

// decide emits a decision.
func (e *Engine) decide(d Decision) { e.out.Decisions = append(e.out.Decisions, d) }

// tell emits a transition.
func (e *Engine) tell(t Transition) { e.out.Transitions = append(e.out.Transitions, t) }
