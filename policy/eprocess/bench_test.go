package eprocess_test

import (
	"testing"
	"time"

	"github.com/undog-dev/undog/policy/eprocess"
)

// work is what is done for each event, check and pod.
func work() map[string]func() {
	e, trials, r, l := new(eprocess.Events), new(eprocess.Trials), new(eprocess.Ranks), new(eprocess.Limiter)
	nodes := make([]eprocess.Node, 50)
	for i := range nodes {
		nodes[i] = eprocess.Node{New: i % 3, Old: i % 5}
	}
	h := eprocess.History{Lives: 1000, Horizon: time.Hour}
	for i := range 500 {
		h.Add(eprocess.Failure{Life: 2 * i, Age: time.Duration(i) * time.Second})
	}
	at, sum := epoch, 0.0
	return map[string]func(){
		"Events":  func() { e.Observe(true, 3, 7); sum += e.Log() },
		"Trials":  func() { trials.Observe(eprocess.Block{New: 2, NewFail: 1, Old: 2}); sum += trials.Log() },
		"Ranks":   func() { r.Observe(7, 1, 3); sum += r.Log() },
		"Limiter": func() { at = at.Add(time.Second); l.Allow("shop-6d4cf56db6-abcde", "node-17", at) },
		"Weigh":   func() { n, o := eprocess.Weigh(nodes); sum += n / o },
		"History": func() { sum += float64(h.AtRisk(50, 25, time.Minute, eprocess.Limiter{})) },
		"Mean": func() {
			sum += eprocess.Mean(eprocess.Part{Weight: 1, Log: 3}, eprocess.Part{Weight: 1, Log: 0})
		},
	}
}

func BenchmarkWork(b *testing.B) {
	for name, f := range work() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}

func TestNoAllocations(t *testing.T) {
	for name, f := range work() {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
