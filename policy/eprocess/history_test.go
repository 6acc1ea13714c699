package eprocess_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy/eprocess"
)

func TestHistory(t *testing.T) {
	// 7 lives for 2 new pods: 0 to 2 beside the first, 3 to 5 beside the second.
	h := eprocess.History{Lives: 7, Horizon: 10 * time.Minute}
	for _, f := range []eprocess.Failure{
		{Life: 4, Age: time.Minute},
		{Life: 1, Age: 9 * time.Minute},
		{Life: 1, Age: 2 * time.Minute},
		{Life: 6, Age: time.Minute},
		{Life: 2, Age: 11 * time.Minute},
		{Life: 0, Age: 2 * time.Minute},
	} {
		h.Add(f)
	}
	twice := eprocess.Limiter{PerPod: 2, PodWindow: 24 * time.Hour}
	brief := eprocess.Limiter{PerPod: 1, PodWindow: 3 * time.Minute}
	if got := h.PerPod(2); got != 3 {
		t.Errorf("%d lives beside each pod, want 3", got)
	}
	for _, c := range []struct {
		name     string
		slot     int
		from, to time.Duration
		limiter  eprocess.Limiter
		due      int
		atRisk   int // at to
	}{
		{"at first", 0, 0, time.Minute, eprocess.Limiter{}, 0, 3},
		{"the moment itself", 0, time.Minute, 2 * time.Minute, eprocess.Limiter{}, 2, 3},
		{"counted before", 0, 2 * time.Minute, 3 * time.Minute, eprocess.Limiter{}, 0, 1},
		{"a life fails once", 0, 0, 10 * time.Minute, eprocess.Limiter{}, 2, 1},
		{"or twice", 0, 0, 10 * time.Minute, twice, 3, 2},
		{"or after a while", 0, 0, 10 * time.Minute, brief, 3, 2},
		{"and is open in between", 0, 0, 8 * time.Minute, brief, 2, 3},
		{"the other pod", 1, 0, 10 * time.Minute, eprocess.Limiter{}, 1, 2},
		{"beyond the horizon", 0, 0, 12 * time.Minute, eprocess.Limiter{}, 2, 0},
		{"before the start", 0, -2 * time.Minute, -time.Minute, eprocess.Limiter{}, 0, 0},
		{"a pod too many", 2, 0, 10 * time.Minute, eprocess.Limiter{}, 0, 0},
		{"no such pod", -1, 0, 10 * time.Minute, eprocess.Limiter{}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := h.Due(2, c.slot, c.from, c.to, c.limiter); got != c.due {
				t.Errorf("%d due, want %d", got, c.due)
			}
			if got := h.AtRisk(2, c.slot, c.to, c.limiter); got != c.atRisk {
				t.Errorf("%d at risk, want %d", got, c.atRisk)
			}
		})
	}
	var empty eprocess.History
	if empty.PerPod(3) != 0 || empty.PerPod(0) != 0 || empty.AtRisk(3, 0, 0, eprocess.Limiter{}) != 0 {
		t.Error("no history must be no baseline")
	}
}

// TestHistoryAgainstReplay plays each life with a Limiter of its own, second
// by second, and expects the same.
func TestHistoryAgainstReplay(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	for range 40 {
		const pods, lives, horizon = 3, 14, 300
		limits := eprocess.Limiter{PerPod: 1 + rng.IntN(3), PodWindow: time.Duration(20+rng.IntN(200)) * time.Second}
		h := eprocess.History{Lives: lives, Horizon: horizon * time.Second}
		fails := map[[2]int]bool{}
		for range rng.IntN(80) {
			life, age := rng.IntN(lives), 1+rng.IntN(horizon)
			if !fails[[2]int{life, age}] {
				fails[[2]int{life, age}] = true
				h.Add(eprocess.Failure{Life: life, Age: time.Duration(age) * time.Second})
			}
		}
		alone := limits
		alone.NodeGap = time.Millisecond
		var limiters [lives]eprocess.Limiter
		for i := range limiters {
			limiters[i] = alone
		}
		for age := range horizon + 1 {
			at := time.Duration(age) * time.Second
			for slot := range pods {
				open, due := 0, 0
				for life := slot * 4; life < slot*4+4; life++ {
					if limiters[life].Open("pod", "node", epoch.Add(at)) {
						open++
					}
					if fails[[2]int{life, age}] && limiters[life].Allow("pod", "node", epoch.Add(at)) {
						due++
					}
				}
				if got := h.AtRisk(pods, slot, at, limits); got != open {
					t.Fatalf("age %d: %d at risk, want %d", age, got, open)
				}
				if got := h.Due(pods, slot, at-time.Second, at, limits); got != due {
					t.Fatalf("age %d: %d due, want %d", age, got, due)
				}
			}
		}
	}
}
