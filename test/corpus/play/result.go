package play

import (
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/test/corpus/scenario"
	"github.com/undog-dev/undog/test/corpus/world"
	"github.com/undog-dev/undog/watcher/template"
)

// Result is what came of playing a scenario in a cell.
type Result struct {
	Scenario  *scenario.Scenario
	Cell      scenario.Cell
	Workloads map[string]*Outcome
	// Told is everything that undog told, a line each.
	Told []string
	// Writes is how many requests undog made that changed something. Giving the
	// ownership of fields back is not among them: the model keeps no managedFields.
	Writes int
}

// Outcome is what happened to a workload.
type Outcome struct {
	// Undone is when undog undid something, since 0s.
	Undone []time.Duration
	// Reason is that of the first undo, from the ledger.
	Reason string
	// Held is why undog held a conviction or refused to undo, each reason once.
	Held []string
	// Kinds are the kinds of transitions that undog told since 0s, each once.
	Kinds []string
	// Final is the revision whose template is there at the end; "" for none of them.
	Final string
	// Gone says that the workload was deleted.
	Gone bool
	// Exposed is how many pods the revision that was judged had made by the
	// first undo.
	Exposed int
	// Judged is when each judge would have rolled back, and Created how many
	// pods the revision had made then.
	Judged  map[string]time.Duration
	Created map[string]int

	judges   []Judge
	released string
	seen     int
}

func newResult(opts Options) *Result {
	r := &Result{Scenario: opts.Scenario, Cell: opts.Cell, Workloads: map[string]*Outcome{}}
	for _, w := range opts.Scenario.Workloads {
		o := &Outcome{Judged: map[string]time.Duration{}, Created: map[string]int{}}
		if opts.Judges != nil {
			o.judges = opts.Judges()
		}
		r.Workloads[w.Name] = o
	}
	return r
}

func (r *Result) told(at time.Duration, t policy.Transition) {
	r.Told = append(r.Told, fmt.Sprintf("%8.1fs %s revision %d %s: %s: %s", at.Seconds(), t.Workload.Name, t.Revision.Number, t.Kind, t.Reason, t.Message))
	o := r.Workloads[t.Workload.Name]
	if o != nil && at >= 0 && !slices.Contains(o.Kinds, string(t.Kind)) {
		o.Kinds = append(o.Kinds, string(t.Kind))
	}
	reason := t.Reason
	switch t.Kind {
	case policy.RolloutHeld:
		if t.From == policy.RollingBack {
			// undog tried, and what carries it out would not.
			reason = scenario.Refused + reason
		}
	case policy.RollbackRefused:
		reason = scenario.Refused + reason
	default:
		return
	}
	if o != nil && at >= 0 && !slices.Contains(o.Held, reason) {
		o.Held = append(o.Held, reason)
	}
}

// noteRollback looks at a Deployment's own memory of undos.
func (p *player) noteRollback(d *appsv1.Deployment) {
	o := p.result.Workloads[d.Name]
	if o == nil {
		return
	}
	list, err := ledger.DecodeRollbacks(d.Annotations[ledger.RollbacksAnnotation])
	p.fail(err)
	for ; o.seen < len(list); o.seen++ {
		o.Undone = append(o.Undone, p.now().Sub(p.zero))
		p.tracef("%s is rolled back", d.Name)
		if len(o.Undone) > 1 {
			continue
		}
		if rs := p.replicaSet(list[o.seen].From); rs != nil {
			o.Exposed = p.world.Created(rs)
		}
		p.follow(d.Name)
	}
}

func (p *player) replicaSet(uid string) *appsv1.ReplicaSet {
	all, _ := p.world.List(world.ReplicaSets)
	for _, o := range all {
		if rs, ok := o.(*appsv1.ReplicaSet); ok && string(rs.UID) == uid {
			return rs
		}
	}
	return nil
}

// finish reads what is there at the end.
func (p *player) finish() {
	for _, w := range p.scenario.Workloads {
		o := p.result.Workloads[w.Name]
		d, ok := p.world.Get(world.Deployments, w.Name).(*appsv1.Deployment)
		if !ok {
			o.Gone = true
			continue
		}
		have := template.Hash(&d.Spec.Template)
		for _, name := range sortedKeys(w.Revisions) {
			if t, err := w.Template(name); err == nil && template.Hash(t) == have {
				o.Final = name
			}
		}
		o.Reason = p.reason(d)
	}
}

// reason is why the first revision was found bad, from the ledger.
func (p *player) reason(d *appsv1.Deployment) string {
	all, _ := p.world.List(world.ControllerRevisions)
	var first *policy.Record
	for _, o := range all {
		cr, ok := o.(*appsv1.ControllerRevision)
		if ref := metav1.GetControllerOfNoCopy(o); !ok || ref == nil || ref.UID != d.UID {
			continue
		}
		rec, err := ledger.Decode(cr)
		if err == nil && rec.Verdict == policy.Bad && (first == nil || rec.At.Before(first.At)) {
			first = &rec
		}
	}
	if first == nil {
		return ""
	}
	return first.Reason
}

// look shows a workload to the judges.
func (p *player) look(name string) {
	o := p.result.Workloads[name]
	if o == nil || len(o.judges) == 0 || p.now().Before(p.zero) {
		return
	}
	d, ok := p.world.Get(world.Deployments, name).(*appsv1.Deployment)
	if !ok {
		return
	}
	v := p.view(d)
	if v.Current == nil {
		return
	}
	for _, j := range o.judges {
		if _, done := o.Judged[j.Name()]; !done && j.Look(v) {
			o.Judged[j.Name()] = p.now().Sub(p.zero)
			o.Created[j.Name()] = p.world.Created(v.Current)
		}
	}
}

func (p *player) view(d *appsv1.Deployment) View {
	v := View{At: p.now(), Deployment: d}
	var old []*appsv1.ReplicaSet
	v.Current, old = p.world.ReplicaSetsOf(d)
	if v.Current == nil {
		return v
	}
	v.New = p.world.PodsOf(v.Current)
	for _, rs := range old {
		v.Old = append(v.Old, p.world.PodsOf(rs)...)
	}
	return v
}
