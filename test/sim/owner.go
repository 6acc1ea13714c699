package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/test/sim/world"
)

// owner is whoever a Deployment belongs to: people, pipelines, autoscalers.
type owner struct {
	sim  *simulation
	name string
	// left is how much is still going to happen.
	left int
	// pushed are the templates that were rolled out, to be applied again.
	pushed []corev1.PodTemplateSpec
	shape  world.Shape
}

// begin creates the Deployment and plans what happens to it.
func (s *simulation) begin(name string) *owner {
	r := s.rand
	o := &owner{sim: s, name: name, left: 3 + r.IntN(4)}
	o.create()
	// Time enough, mostly, for the first revision to prove itself.
	at := between(r, 2*time.Minute, 15*time.Minute)
	for range o.left {
		s.world.Clock.After(at, o.act)
		if r.IntN(3) == 0 {
			at += between(r, time.Second, 2*time.Minute)
		} else {
			at += between(r, 2*time.Minute, 15*time.Minute)
		}
	}
	s.end = later(s.end, s.world.Clock.Now().Add(at))
	return o
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// create makes the Deployment, good more often than not.
func (o *owner) create() {
	r := o.sim.rand
	// Few, mostly: what can be told apart with ten pods is rarer than what
	// cannot be with one.
	replicas := []int32{1, 1, 1, 2, 2, 3}[r.IntN(6)]
	if r.IntN(20) == 0 {
		replicas = int32(4 + r.IntN(7))
	}
	o.shape = world.Shape{
		Replicas: replicas, Recreate: r.IntN(4) == 0, Surge: 1, History: int32(r.IntN(4)),
		Deadline: minutes(r, 2, 10), Fate: world.Good,
	}
	if r.IntN(3) == 0 {
		o.shape.Surge, o.shape.MaxDown = r.IntN(2), 1
	}
	if r.IntN(6) == 0 {
		o.shape.MinReady = between(r, 5*time.Second, 40*time.Second).Truncate(time.Second)
	}
	if r.IntN(8) == 0 {
		o.shape.Fate = o.fate(world.Bad)
	}
	o.sim.world.Deploy(o.name, o.shape)
	o.sim.trace("owner creates %s: %+v", o.name, o.shape)
	o.pushed = []corev1.PodTemplateSpec{o.sim.world.Deployment(o.name).Spec.Template}
}

func (o *owner) fate(of []world.Fate) world.Fate { return of[o.sim.rand.IntN(len(of))] }

// soon has something happen out of turn.
func (o *owner) soon(after time.Duration) {
	o.sim.world.Clock.After(after, o.act)
}

// act does one thing.
func (o *owner) act() {
	if o.sim.faults.calm {
		return
	}
	w, r := o.sim.world, o.sim.rand
	d := w.Deployment(o.name)
	if d == nil {
		o.create()
		return
	}
	what := o.choose(w, r, d)
	o.sim.trace("owner of %s %s", o.name, what)
}

func (o *owner) push(f world.Fate) {
	o.sim.world.Push(o.name, f)
	o.pushed = append(o.pushed, o.sim.world.Deployment(o.name).Spec.Template)
}

// choose does what owners do to templates, or leaves it to meddle, and says what it did.
func (o *owner) choose(w *world.World, r *rand.Rand, d *appsv1.Deployment) string {
	n := r.IntN(100)
	switch {
	case n < 34:
		f := o.fate(world.Bad)
		what := "pushes " + string(f)
		o.push(f)
		return what
	case n < 50:
		f := o.fate(world.Benign)
		what := "pushes " + string(f)
		o.push(f)
		return what
	case n < 60:
		what := "applies the last template again"
		w.Apply(o.name, o.pushed[len(o.pushed)-1])
		return what
	case n < 64:
		what := "applies an older template again"
		w.Apply(o.name, o.pushed[r.IntN(len(o.pushed))])
		return what
	case n < 69:
		what := "undoes the last rollout"
		w.Undo(o.name)
		return what
	case n < 73:
		what := "restarts the rollout"
		w.Restart(o.name)
		return what
	}
	return o.meddle(w, r, d, n)
}

// meddle does what owners do beside that.
func (o *owner) meddle(w *world.World, r *rand.Rand, d *appsv1.Deployment, n int) string {
	switch {
	case n < 79:
		n := int32(r.IntN(4))
		what := fmt.Sprintf("scales to %d", n)
		w.Scale(o.name, n)
		return what
	case n < 85:
		what := fmt.Sprintf("sets paused to %t", !d.Spec.Paused)
		w.Pause(o.name, !d.Spec.Paused)
		return what
	case n < 90:
		mode := []string{"off", "observe", "", "enforce"}[r.IntN(4)]
		what := "sets the mode to " + mode
		w.Annotate(o.name, ledger.ModeAnnotation, mode)
		return what
	case n < 93:
		what := "touches an annotation"
		w.Touch(o.name)
		return what
	case n < 98:
		what := "drains a node"
		w.Drain(o.name)
		return what
	default:
		what := "deletes it"
		w.Delete(o.name)
		w.Clock.After(between(r, time.Second, 30*time.Second), func() {
			if w.Deployment(o.name) == nil {
				o.create()
			}
		})
		return what
	}
}
