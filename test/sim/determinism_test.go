package sim

import (
	"slices"
	"testing"
)

// TestDeterminism plays seeds twice: a seed names one history, line by line.
func TestDeterminism(t *testing.T) {
	for seed := range uint64(25) {
		first, second := traced(seed), traced(seed)
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

func traced(seed uint64) []string {
	var lines []string
	if err := Run(Options{Seed: seed, Trace: func(line string) { lines = append(lines, line) }}); err != nil {
		lines = append(lines, err.Error())
	}
	return lines
}
