package policy_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// released is workload number n, healthy, and as it is when a bad release of
// an image of its own has begun.
func released(n int, at time.Time) (before, after *policy.Observation) {
	before, after = healthy(uint64(2*n), at), broken(uint64(2*n+1), at.Add(time.Minute))
	for _, o := range []*policy.Observation{before, after} {
		o.Workload.UID, o.Workload.Name = fmt.Sprintf("d-%d", n), fmt.Sprintf("web-%d", n)
		for i := range o.Revisions {
			o.Revisions[i].UID += fmt.Sprintf("-of-%d", n)
		}
	}
	return before, after
}

// convict shows a bad release and answers what changed: the image named.
func convict(e *policy.Engine, o *policy.Observation, image string) policy.Ready {
	r := e.Step(o)
	for _, d := range r.Decisions {
		if d.Kind == policy.Compare {
			return e.Step(policy.Comparison{At: o.At, Workload: d.Workload, From: d.From.UID, To: d.To.UID, Changes: []policy.Change{
				{Path: "spec.containers[app].image", From: "shop:1.0", To: image},
			}})
		}
	}
	return r
}

// undone counts what is undone, and whether the brake was told to engage.
func undone(r policy.Ready) (undos int, engaged, released bool) {
	for _, d := range r.Decisions {
		if d.Kind == policy.Undo {
			undos++
		}
	}
	for _, t := range r.Transitions {
		engaged = engaged || t.Kind == policy.BrakeEngaged
		released = released || t.Kind == policy.BrakeReleased
	}
	return undos, engaged, released
}

// TestBrake releases seven workloads badly at once: five are undone, the others
// wait until the window has passed.
func TestBrake(t *testing.T) {
	e := policy.New(settings())
	total, brakes := 0, 0
	for n := range 7 {
		before, after := released(n, noon)
		e.Step(before)
		undos, engaged, _ := undone(convict(e, after, fmt.Sprintf("app-%d:2", n)))
		total += undos
		if engaged {
			brakes++
		}
	}
	if total != 5 || brakes != 1 || !e.Braked() {
		t.Fatalf("undid %d releases and told of the brake %d times, want 5 and once; it is on: %v", total, brakes, e.Braked())
	}
	free := 0
	for at := noon.Add(time.Minute); at.Before(noon.Add(time.Hour)); at = at.Add(30 * time.Second) {
		undos, _, off := undone(e.Step(policy.Wake{At: at}))
		total += undos
		if off {
			free++
		}
	}
	if total != 7 || free != 1 || e.Braked() {
		t.Errorf("undid %d releases and told %d times that the brake is off, want 7 and once; it is on: %v", total, free, e.Braked())
	}
}

// TestBrakeKnowsOneImage releases seven workloads that share an image, such as
// a sidecar: that is one bad release, and all are undone.
func TestBrakeKnowsOneImage(t *testing.T) {
	e := policy.New(settings())
	total := 0
	for n := range 7 {
		before, after := released(n, noon)
		e.Step(before)
		undos, engaged, _ := undone(convict(e, after, "proxy:2"))
		total += undos
		if engaged {
			t.Error("the brake engaged for one image")
		}
	}
	if total != 7 {
		t.Errorf("undid %d of 7", total)
	}
}

// TestBrakeHears lets another process tell of what it sees.
func TestBrakeHears(t *testing.T) {
	e := policy.New(settings())
	before, after := released(1, noon)
	e.Step(before)
	_, engaged, _ := undone(e.Step(policy.Fleet{At: noon, Source: "other", Bad: 9}))
	undos, _, _ := undone(convict(e, after, "app:2"))
	if !engaged || undos != 0 {
		t.Errorf("engaged %v, undid %d, want the brake to hold", engaged, undos)
	}
	if f := e.Fleet("me", after.At); f.Bad != 1 {
		t.Errorf("tells others of %d bad releases, want its own only", f.Bad)
	}
}

// TestBrakeOff never holds anything.
func TestBrakeOff(t *testing.T) {
	s := settings()
	s.Brake.Rollouts = -1
	e := policy.New(s)
	total := 0
	for n := range 7 {
		before, after := released(n, noon)
		e.Step(before)
		undos, _, _ := undone(convict(e, after, fmt.Sprintf("app-%d:2", n)))
		total += undos
	}
	if total != 7 {
		t.Errorf("undid %d of 7", total)
	}
}

// TestBrakeIsAnEvent checks that the brake's transitions can be published:
// they name a workload of their own kind.
func TestBrakeIsAnEvent(t *testing.T) {
	e := policy.New(settings())
	r := e.Step(policy.Fleet{At: noon, Source: "other", Bad: 9})
	if len(r.Transitions) != 1 {
		t.Fatalf("told %+v, want one transition", r.Transitions)
	}
	got := r.Transitions[0]
	if got.Workload.Kind == "" || got.Workload.Namespace == "" || got.Workload.Name == "" || got.ID == "" || got.Message == "" {
		t.Errorf("told %+v, want a workload, an id and a message", got)
	}
}
