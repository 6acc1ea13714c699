package sim

import (
	"slices"
	"testing"

	"github.com/undog-dev/undog/policy"
)

// TestDeterminism plays seeds twice: a seed names one history, line by line.
func TestDeterminism(t *testing.T) {
	for seed := range uint64(25) {
		first, second := traced(Options{Seed: seed}), traced(Options{Seed: seed})
		if len(first) < 10 {
			t.Errorf("seed %d: a trace of %d lines says nothing", seed, len(first))
		}
		if !slices.Equal(first, second) {
			for i := range min(len(first), len(second)) {
				if first[i] != second[i] {
					t.Fatalf("seed %d differs in line %d:\n%s\n%s", seed, i+1, first[i], second[i])
				}
			}
			t.Fatalf("seed %d has %d lines, then %d", seed, len(first), len(second))
		}
	}
}

func traced(o Options) []string {
	var lines []string
	o.Trace = func(line string) { lines = append(lines, line) }
	if err := Run(o); err != nil {
		lines = append(lines, err.Error())
	}
	return lines
}

// TestIdleRevisionsAreLeftOutUnnoticed plays seeds with an engine that is shown
// every revision: what the others say must be all that it needs.
func TestIdleRevisionsAreLeftOutUnnoticed(t *testing.T) {
	whole := Parts{Engine: seeing(func(*policy.Observation) {})}
	for seed := range uint64(100) {
		if !slices.Equal(traced(Options{Seed: seed}), traced(Options{Seed: seed, Parts: whole})) {
			t.Errorf("seed %d goes another way when old revisions without pods are shown", seed)
		}
	}
}
