package sim

import (
	"fmt"
	"sync"
	"testing"
)

// mutant is undog with something broken in it. Each is written for one
// invariant, which is the one that has to catch it.
type mutant struct {
	name, says string
	caughtBy   *Invariant
	parts      Parts
}

// withinSeeds is how many histories a mutant may survive.
const withinSeeds = 400

var mutants = []mutant{
	impatient, secondLookBlind, // I1
	unfenced, generationBlind, // I2
	forgetful,                      // I3
	previousTarget,                 // I4
	discouraged, unmoved, restless, // I5
	unrecorded, renumbered, // I6
	disobedient, overzealous, // I7
}

// TestMutants shows that every invariant can fail: the seeds catch each mutant.
func TestMutants(t *testing.T) {
	caught := map[*Invariant]bool{}
	for _, m := range mutants {
		t.Run(m.caughtBy.Name+"/"+m.name, func(t *testing.T) {
			seed, err := m.hunt(withinSeeds)
			if err == nil {
				t.Fatalf("undog that %s survived %d seeds", m.says, withinSeeds)
			}
			t.Logf("undog that %s: seed %d: %v", m.says, seed, err)
		})
		caught[m.caughtBy] = true
	}
	for _, i := range Invariants {
		if !caught[i] {
			t.Errorf("no mutant is written for %s", i.Name)
		}
	}
}

// hunt plays seeds until the mutant's own invariant is violated. What other
// invariants say of it does not count.
func (m *mutant) hunt(most uint64) (uint64, error) {
	var mu sync.Mutex
	var first error
	lowest := most
	forEach(most, func(seed uint64) bool {
		err := Run(Options{Seed: seed, Parts: m.parts})
		mu.Lock()
		defer mu.Unlock()
		if Violated(err) == m.caughtBy && seed < lowest {
			first, lowest = fmt.Errorf("caught: %w", err), seed
		}
		return first == nil
	})
	return lowest, first
}
