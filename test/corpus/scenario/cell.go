package scenario

import (
	"fmt"
	"slices"
	"strings"
)

// Strategy is how a Deployment replaces its pods.
type Strategy string

// The strategies.
const (
	// Rolling is the default, 25 % of surge and 25 % unavailable.
	Rolling Strategy = "25/25"
	// Surge replaces one pod after the other and never has fewer.
	Surge Strategy = "surge1"
	// Recreate removes all old pods before it makes new ones.
	Recreate Strategy = "recreate"
)

// The matrix that every scenario is played in, unless it excludes cells.
var (
	Replicas   = []int32{1, 3, 10, 50}
	Strategies = []Strategy{Rolling, Surge, Recreate}
	Seeds      = []uint64{1, 2, 3, 4, 5}
)

// Cell is one way of playing a scenario.
type Cell struct {
	Replicas int32
	Strategy Strategy
	Seed     uint64
}

// String is how a cell is written on the command line.
func (c Cell) String() string { return fmt.Sprintf("%d/%s/%d", c.Replicas, short(c.Strategy), c.Seed) }

func short(s Strategy) string {
	if s == Rolling {
		return "rolling"
	}
	return string(s)
}

// ParseCell reads what String writes.
func ParseCell(text string) (Cell, error) {
	var c Cell
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return c, fmt.Errorf("cell: %q is not REPLICAS/STRATEGY/SEED: write it as in 3/rolling/1", text)
	}
	if _, err := fmt.Sscan(parts[0]+" "+parts[2], &c.Replicas, &c.Seed); err != nil {
		return c, fmt.Errorf("cell: %q: replicas and seed must be numbers: %w", text, err)
	}
	for _, s := range Strategies {
		if short(s) == parts[1] {
			c.Strategy = s
			return c, nil
		}
	}
	return c, fmt.Errorf("cell: strategy %q is unknown: use rolling, surge1 or recreate", parts[1])
}

// Cells selects cells; what is empty selects all.
type Cells struct {
	Replicas   []int32    `json:"replicas,omitempty"`
	Strategies []Strategy `json:"strategies,omitempty"`
}

// Has tells whether a cell is among them.
func (c *Cells) Has(cell Cell) bool {
	return c == nil || (len(c.Replicas) == 0 || slices.Contains(c.Replicas, cell.Replicas)) &&
		(len(c.Strategies) == 0 || slices.Contains(c.Strategies, cell.Strategy))
}

// Matrix limits the cells that a scenario is played in.
type Matrix struct {
	Cells
	// Because is the reason.
	Because string `json:"because,omitempty"`
}

// Cells lists the scenario's cells with the given seeds.
func (s *Scenario) Cells(seeds []uint64) []Cell {
	var out []Cell
	for _, n := range Replicas {
		for _, st := range Strategies {
			for _, seed := range seeds {
				if c := (Cell{n, st, seed}); s.Matrix.Has(c) {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// Expected is what each workload that is spoken of must come to in a cell.
func (s *Scenario) Expected(c Cell) []Expect {
	var out []Expect
	for _, e := range s.Expect {
		if !e.Cells.Has(c) {
			continue
		}
		i := slices.IndexFunc(out, func(o Expect) bool { return o.Workload == e.Workload })
		if i < 0 {
			out = append(out, e)
		} else {
			out[i] = e
		}
	}
	return out
}
