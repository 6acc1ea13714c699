package policy_test

import (
	"container/heap"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

var releases = flag.Int("releases", 6, "bad releases in each fleet of the tests of churn")

// fleet is many Deployments whose pods are moved, scaled and restarted all the
// time, of which now and then one has a bad release.
type fleet struct {
	t          *testing.T
	e          *policy.Engine
	rand       *rand.Rand
	now        time.Time
	n, names   int
	version    uint64
	due        endings
	troubled   map[int]*policy.Observation
	untilExit  float64
	untilMoved float64
	// moved and exits are how many pods a second are moved, and exit once.
	moved, exits float64
	// undone is what was undone, held what was held, and since when.
	undone, held map[string]time.Time
}

// ending is when a Deployment is well again.
type ending struct {
	at time.Time
	n  int
}

type endings []ending

func (e endings) Len() int           { return len(e) }
func (e endings) Less(i, j int) bool { return e[i].at.Before(e[j].at) }
func (e endings) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *endings) Push(x any)        { *e = append(*e, x.(ending)) }
func (e *endings) Pop() any {
	old := *e
	x := old[len(old)-1]
	*e = old[:len(old)-1]
	return x
}

// newFleet is n healthy Deployments of ten pods, fifty to a namespace, of whose
// pods so many a second are moved and exit.
func newFleet(t *testing.T, n int, moved, exits float64) *fleet {
	s := settings()
	s.Brake.Rollouts = -1
	f := &fleet{
		t: t, e: policy.New(s), rand: rand.New(rand.NewPCG(1, uint64(n))), now: noon, n: n, names: max(1, n/50), //nolint:gosec // a test
		troubled: map[int]*policy.Observation{}, moved: moved, exits: exits,
		undone: map[string]time.Time{}, held: map[string]time.Time{},
	}
	for i := range n {
		f.see(f.e.Step(f.well(i)))
	}
	return f
}

// well is Deployment i with all its pods ready.
func (f *fleet) well(i int) *policy.Observation {
	f.version++
	o := healthy(f.version, f.now)
	o.Workload.UID, o.Workload.Name = fmt.Sprintf("d-%d", i), fmt.Sprintf("web-%d", i)
	o.Workload.Namespace = fmt.Sprintf("team-%d", i%f.names)
	o.Replicas, o.UpdatedReplicas, o.TotalReplicas, o.ReadyReplicas, o.AvailableReplicas = 10, 10, 10, 10, 10
	r := &o.Revisions[0]
	r.UID = fmt.Sprintf("rs-%d", i)
	r.CreatedAt, r.ReadySince, r.AllReadySince = noon.Add(-time.Hour), noon.Add(-time.Hour), noon.Add(-time.Hour)
	r.Pods, r.Scheduled, r.Started, r.Ready, r.Nodes, r.SlowestReady = 10, 10, 10, 10, 5, 12*time.Second
	return o
}

// ill shows a Deployment some of whose pods are not ready, until it is well again.
func (f *fleet) ill(i int, pods int32, lasts time.Duration, how func(r *policy.Revision)) {
	o := f.well(i)
	o.ReadyReplicas, o.AvailableReplicas = 10-pods, 10-pods
	r := &o.Revisions[0]
	r.Ready, r.AllReadySince, r.Waiting, r.WaitingNodes = 10-pods, time.Time{}, []time.Time{f.now}, 1
	how(r)
	f.troubled[i] = o
	heap.Push(&f.due, ending{f.now.Add(lasts), i})
	f.see(f.e.Step(o))
}

// tick lets a second go by.
func (f *fleet) tick() {
	f.now = f.now.Add(time.Second)
	for len(f.due) > 0 && !f.due[0].at.After(f.now) {
		e := heap.Pop(&f.due).(ending) //nolint:forcetypeassert // it holds nothing else
		delete(f.troubled, e.n)
		f.see(f.e.Step(f.well(e.n)))
	}
	for f.untilMoved += f.moved; f.untilMoved >= 1; f.untilMoved-- {
		f.one(func(i int) { f.ill(i, 1, f.span(4*time.Second, 12*time.Second), func(*policy.Revision) {}) })
	}
	for f.untilExit += f.exits; f.untilExit >= 1; f.untilExit-- {
		// What exited is shown for ten minutes.
		f.one(func(i int) {
			f.ill(i, 1, 10*time.Minute, func(r *policy.Revision) { r.Fell, r.Failures = 1, exit(f.now, 1) })
		})
	}
	f.see(f.e.Step(policy.Wake{At: f.now}))
}

func exit(at time.Time, n int32) []policy.Failure {
	return []policy.Failure{{
		Reason: "Error", Container: "app", Exited: true, ExitCode: 1, Pods: 1, Nodes: 1, Count: n, MaxCount: n,
		Repeated: n / 2, First: at, Last: at,
	}}
}

func (f *fleet) span(least, most time.Duration) time.Duration {
	return least + time.Duration(f.rand.Int64N(int64(most-least)))
}

// one picks a Deployment that is well and was not released.
func (f *fleet) one(do func(i int)) {
	for range 100 {
		i := f.rand.IntN(f.n)
		_, released := f.undone[fmt.Sprintf("d-%d", i)]
		_, held := f.held[fmt.Sprintf("d-%d", i)]
		if f.troubled[i] == nil && !released && !held {
			do(i)
			return
		}
	}
}

// until lets time go by.
func (f *fleet) until(span time.Duration) {
	for end := f.now.Add(span); f.now.Before(end); {
		f.tick()
	}
}

// see notes what is held and what is undone, and answers what is asked.
func (f *fleet) see(r policy.Ready) {
	for _, tr := range r.Transitions {
		if _, known := f.held[tr.Workload.UID]; tr.Kind == policy.RolloutHeld && !known {
			f.held[tr.Workload.UID] = f.now
			if tr.Reason != "OthersFailToo" {
				f.t.Errorf("held for %s: %s", tr.Reason, tr.Message)
			}
		}
	}
	for _, d := range r.Decisions {
		switch d.Kind {
		case policy.Compare:
			f.see(f.e.Step(policy.Comparison{At: f.now, Workload: d.Workload, From: d.From.UID, To: d.To.UID, Changes: []policy.Change{
				{Path: "spec.containers[app].image", From: "shop:1.0", To: "shop:1.1"},
			}}))
		case policy.Undo:
			f.undone[d.Workload.UID] = f.now
		case policy.Remember:
			f.see(f.e.Step(policy.Outcome{At: f.now, Workload: d.Workload, DecisionID: d.ID, Kind: d.Kind, Result: policy.Done}))
		case policy.Pause, policy.Resume, policy.Tidy, policy.Play:
			f.t.Errorf("decided to %s", d.Kind)
		}
	}
}

// release rolls out a revision of Deployment i whose first pod has exited n
// times, the first time then.
func (f *fleet) release(i int, first time.Time, n int32) {
	o := f.well(i)
	o.Generation, o.ObservedGeneration, o.Template = 2, 2, "t2"
	o.UpdatedReplicas, o.TotalReplicas = 1, 11
	r := policy.Revision{
		RevisionRef: policy.RevisionRef{UID: o.Revisions[0].UID + "-2", Number: 2, Template: "t2", Images: []string{"shop:1.1"}},
		CreatedAt:   first, Pods: 1, Scheduled: 1, Started: 1, Failures: exit(f.now, n),
	}
	r.Failures[0].First, r.Failures[0].Repeated = first, 1
	o.Revisions = append(o.Revisions, r)
	f.see(f.e.Step(o))
}

// badReleases makes bad releases one after the other, and shows
// each until it is undone. It returns how many were held, and the longest time.
func (f *fleet) badReleases(n int) (held int, longest time.Duration) {
	for range n {
		f.one(func(i int) {
			uid, first := fmt.Sprintf("d-%d", i), f.now
			f.troubled[i] = &policy.Observation{}
			f.release(i, first, 1)
			f.until(15 * time.Second)
			exits := int32(3)
			for began := f.now; f.now.Sub(began) < 30*time.Minute; exits++ {
				f.release(i, first, exits)
				if at, ok := f.undone[uid]; ok {
					longest = max(longest, at.Sub(began))
					break
				}
				f.until(30 * time.Second)
			}
			if _, was := f.held[uid]; was {
				held++
			}
			if _, ok := f.undone[uid]; !ok {
				longest = max(longest, 30*time.Minute)
			}
		})
	}
	return held, longest
}

// TestChurn releases badly in fleets whose pods are moved and restarted all the
// time, before and after undog knows what is usual there: crash loops are undone.
func TestChurn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		n            int
		moved, exits float64
		before       time.Duration
	}{
		{n: 40, moved: 0.5},
		{n: 1000, moved: 1.7, before: 0},
		{n: 1000, moved: 1.7, exits: 0.02, before: 50 * time.Minute},
		{n: 16000, moved: 160, before: time.Minute},
		{n: 16000, moved: 5, exits: 0.2, before: 50 * time.Minute},
	} {
		t.Run(fmt.Sprintf("%d Deployments, %v pods moved and %v exits a second, known for %s", test.n, test.moved, test.exits, test.before), func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, test.n, test.moved, test.exits)
			f.until(test.before)
			held, longest := f.badReleases(*releases)
			t.Logf("held %d of %d, the longest for %s", held, *releases, longest)
			if held > *releases/20 || longest > 2*time.Minute {
				t.Errorf("held %d of %d crash loops, the longest for %s", held, *releases, longest)
			}
		})
	}
}
