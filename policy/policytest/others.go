package policytest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/undog-dev/undog/policy"
)

// others are the other Deployments of the cluster, healthy unless said otherwise.
type others struct {
	n, names int
	rand     *rand.Rand
	// starting is when the pod is ready that each of them has moved last, and
	// ill those that an outage has struck.
	starting map[int]time.Time
	ill      map[int]bool
}

// perNamespace is how many of them share a namespace; the first have web's.
const perNamespace = 50

// around is what goes on in the others.
func (w *World) around(d *datadriven.TestData) string {
	out := ""
	switch d.Cmd {
	case "fleet":
		out = w.fleet(d)
	case "churn":
		out = w.churn(d)
	default:
		out = w.outage(d)
	}
	if out == "" {
		return "ok"
	}
	return out
}

// fleet makes so many others and shows them to the engine.
func (w *World) fleet(d *datadriven.TestData) string {
	n := int(number(d, "n", 1))
	w.others = others{
		n: n, names: (n + perNamespace - 1) / perNamespace, rand: rand.New(rand.NewPCG(1, 1)), //nolint:gosec // the same each time
		starting: map[int]time.Time{}, ill: map[int]bool{},
	}
	return w.showAll(func(int) bool { return true })
}

// lookOf is how one of them looks.
func (w *World) lookOf(i int) *policy.Observation {
	namespace := "shop"
	if place := i % w.others.names; place > 0 {
		namespace = fmt.Sprintf("team-%d", place)
	}
	w.version++
	long := epoch.Add(-24 * time.Hour)
	o := &policy.Observation{
		At: w.now, Version: w.version, Generation: 1, ObservedGeneration: 1, Template: "other",
		Workload: policy.Workload{Kind: "Deployment", Namespace: namespace, Name: fmt.Sprintf("other-%d", i), UID: fmt.Sprintf("uid-other-%d", i)},
		Replicas: 3, UpdatedReplicas: 3, TotalReplicas: 3, ReadyReplicas: 3, AvailableReplicas: 3,
		Revisions: []policy.Revision{{
			RevisionRef: policy.RevisionRef{UID: fmt.Sprintf("rs-other-%d", i), Number: 1, Template: "other", Images: []string{"other:1.0"}},
			CreatedAt:   long, Pods: 3, Scheduled: 3, Started: 3, Ready: 3, Nodes: 3, Desired: 3,
			ReadySince: long, AllReadySince: long, SlowestReady: 10 * time.Second,
		}},
	}
	var unready int32
	if _, moved := w.others.starting[i]; moved {
		unready = 1
	}
	r := &o.Revisions[0]
	if w.others.ill[i] {
		unready, r.Fell = 3, 3
	}
	if unready > 0 {
		o.ReadyReplicas, o.AvailableReplicas, r.Ready, r.AllReadySince = 3-unready, 3-unready, 3-unready, time.Time{}
		r.Waiting, r.WaitingNodes = []time.Time{w.now}, 1
	}
	return o
}

// churn lets time go by until a time. Every so often a pod of one of the others
// is moved, and takes a while until it is ready.
func (w *World) churn(d *datadriven.TestData) string {
	every, takes := span(d, "every", time.Second), span(d, "takes", 8*time.Second)
	var out strings.Builder
	next := w.now
	for until := epoch.Add(span(d, "until", 0)); w.now.Before(until); {
		w.now = w.now.Add(time.Second)
		out.WriteString(w.showAll(func(i int) bool {
			ready, moved := w.others.starting[i]
			over := moved && !ready.After(w.now)
			if over {
				delete(w.others.starting, i)
			}
			return over
		}))
		for ; !next.After(w.now); next = next.Add(every) {
			if i := w.others.rand.IntN(w.others.n); !w.others.ill[i] {
				w.others.starting[i] = w.now.Add(takes)
				out.WriteString(w.said(w.engine.Step(w.lookOf(i))))
			}
		}
		out.WriteString(w.said(w.engine.Step(policy.Wake{At: w.now})))
	}
	return out.String()
}

// outage takes the readiness of so many of the others, or gives it back to all.
func (w *World) outage(d *datadriven.TestData) string {
	n := int(number(d, "n", 1))
	return w.showAll(func(i int) bool {
		changes := i < n
		if d.HasArg("over") {
			changes = w.others.ill[i]
		}
		if changes {
			delete(w.others.starting, i)
			w.others.ill[i] = !d.HasArg("over")
		}
		return changes
	})
}

// said is what the engine said and when, but for when it wants to be woken.
func (w *World) said(r policy.Ready) string {
	due := r.WakeAt
	r.WakeAt = time.Time{}
	out := ""
	if len(r.Decisions) > 0 || len(r.Transitions) > 0 {
		out = fmt.Sprintf("at %s: %s", w.now.Sub(epoch), w.print(r))
	}
	w.due = due
	return out
}

// showAll shows the engine those of the others that changed.
func (w *World) showAll(changed func(i int) bool) string {
	var out strings.Builder
	for i := range w.others.n {
		if changed(i) {
			out.WriteString(w.said(w.engine.Step(w.lookOf(i))))
		}
	}
	return out.String()
}
