package policy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// trialRun is a rollout on which checks are played: for so many plays beside the
// old revision, then without it. Each check fails at a rate, old and new alike.
type trialRun struct {
	checks, beside, alone, pods int
	rate, newRate               float64
	// together says that all pods that are asked at one moment fail together.
	together bool
}

// convicts plays the rollout, looking after every result, and tells whether the
// new revision was convicted and after how many plays.
func (s trialRun) convicts(rng *rand.Rand) (bool, int) {
	settings := Settings{}
	for i := range s.checks {
		settings.Checks = append(settings.Checks, Check{Name: fmt.Sprint(i)})
	}
	e := New(settings)
	w := &workload{obs: &Observation{}}
	w.rollout.checks = e.beginChecks(w)
	w.rollout.checks.ready = dawn
	rev := &Revision{Ready: int32(s.pods), RevisionRef: RevisionRef{UID: "new", Template: "new"}}
	c := &Case{Observation: w.obs, Revision: rev, Policy: &Policy{}, workload: w, engine: e}
	for n := range s.beside + s.alone {
		c.At = dawn.Add(time.Duration(n) * time.Second)
		to := RevisionRef{UID: "old"}
		if n >= s.beside {
			to = RevisionRef{}
		}
		for _, one := range w.rollout.checks.list {
			one.take(s.draw(rng, c.At, to, n), to, w.rollout.checks.young(c.At))
		}
		if f := checkRule(c); f.Level == Convicting {
			return true, n
		}
	}
	return false, 0
}

func (s trialRun) draw(rng *rand.Rand, at time.Time, to RevisionRef, n int) CheckResult {
	pod := fmt.Sprint("pod-", n%s.pods)
	r := CheckResult{At: at, New: 1, Absolute: true}
	luck := rng.Float64()
	if luck < s.newRate {
		r.NewFailed = 1
	}
	if to.UID != "" {
		for r.Old < 2 {
			r.Old++
			if !s.together {
				luck = rng.Float64()
			}
			if luck < s.rate {
				r.OldFailed++
			}
		}
	}
	r.Pods = []CheckedPod{{Name: pod, Node: "node-" + pod, Failed: r.NewFailed > 0}}
	return r
}

// TestCheckFalseAlarms plays healthy rollouts with checks that fail now and
// then, on both revisions alike, and counts how many are convicted.
func TestCheckFalseAlarms(t *testing.T) {
	for _, checks := range []int{1, 3} {
		for _, rate := range []float64{0, 0.05, 0.3} {
			for _, beside := range []int{5, 60, 600} {
				for _, together := range []bool{false, true} {
					s := trialRun{checks: checks, beside: beside, alone: 300, pods: 3, rate: rate, newRate: rate, together: together}
					rng := rand.New(rand.NewPCG(uint64(checks*1000+beside), math.Float64bits(rate)))
					convicted := 0
					for range *rollouts {
						if bad, _ := s.convicts(rng); bad {
							convicted++
						}
					}
					// One in a thousand rollouts, and three standard deviations more.
					expected := DefaultBudget * float64(*rollouts)
					if limit := expected + 3*math.Sqrt(expected) + 0.5; float64(convicted) > limit {
						t.Errorf("%+v: convicted %d of %d healthy rollouts, at most %.1f", s, convicted, *rollouts, limit)
					}
					t.Logf("%+v: convicted %d of %d", s, convicted, *rollouts)
				}
			}
		}
	}
}

// TestCheckConvicts plays rollouts of revisions that fail more often than the
// old one, and counts how many are found and how soon.
func TestCheckConvicts(t *testing.T) {
	for _, test := range []struct {
		name  string
		run   trialRun
		least int
	}{
		{"always, beside", trialRun{checks: 1, beside: 60, pods: 3, newRate: 1}, 100},
		{"always, with three checks that flake", trialRun{checks: 3, beside: 60, pods: 3, rate: 0.05, newRate: 1}, 100},
		{"always, the old gone after five plays", trialRun{checks: 1, beside: 5, alone: 30, pods: 2, newRate: 1}, 100},
		{"every fifth, beside", trialRun{checks: 1, beside: 200, pods: 5, newRate: 0.2}, 90},
		{"every fifth, the old gone after a minute", trialRun{checks: 1, beside: 60, alone: 540, pods: 5, newRate: 0.2}, 30},
		{"one in fifty, beside", trialRun{checks: 1, beside: 600, pods: 5, newRate: 0.02}, 50},
		{"half of the plays, on a check that flakes", trialRun{checks: 1, beside: 600, pods: 5, rate: 0.1, newRate: 0.5}, 95},
	} {
		t.Run(test.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			found, sum := 0, 0
			for range 100 {
				if bad, n := test.run.convicts(rng); bad {
					found++
					sum += n
				}
			}
			if found < test.least {
				t.Errorf("found %d of 100, want at least %d", found, test.least)
			}
			t.Logf("found %d of 100, after %d plays on average", found, sum/max(found, 1))
		})
	}
}
