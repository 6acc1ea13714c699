package eprocess_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undog-dev/undog/policy/eprocess"
)

var rollouts = flag.Int("rollouts", 25, "healthy rollouts to simulate in each cell; 10000 or more prove the budget")

// budget is the default false-rollback budget of a policy.
const budget = 0.001

// From this many rollouts on each cell must show that it keeps the budget; with
// fewer it must not be refuted.
const proving = 10_000

// confidence of each bound. Two stages at 97.5 % leave 95 % for both.
const confidence = 0.975

// cell is one line of a table: how often a judge convicts good revisions.
type cell struct {
	replicas int
	climate  climate
	judge    judge

	rollouts int
	crashes  int
	alarms   map[float64]int // by budget
}

var budgets = []float64{0.05, 0.01, budget}

// run simulates n healthy rollouts, afresh for each stage.
func (c *cell) run(stage uint64, n int) {
	name := fnv.New64a()
	_, _ = fmt.Fprintf(name, "%d %s", c.replicas, c.climate.name) // a hash takes everything
	rng := rand.New(rand.NewPCG(stage, name.Sum64()))
	c.rollouts, c.crashes, c.alarms = n, 0, map[float64]int{}
	for range n {
		r := newRollout(rng, c.replicas, c.climate)
		c.crashes += len(r.crashes)
		top := c.judge(rng, r, c.climate)
		for _, b := range budgets {
			threshold, err := eprocess.Threshold(b)
			if err != nil {
				panic(err)
			}
			if top >= math.Log(threshold) {
				c.alarms[b]++
			}
		}
	}
}

func (c *cell) upper(b float64) float64 { return upperBound(c.alarms[b], c.rollouts, confidence) }

// healthy lists what pods of a good revision may go through side by side with
// those of the old one.
func healthy() []climate {
	var all []climate
	for _, rate := range []float64{0.1, 2, 20} {
		name := func(what string) string { return fmt.Sprintf("%s, %g an hour", what, rate) }
		all = append(all,
			climate{name: name("independent"), crash: rate},
			climate{name: name("repeating"), crash: rate, again: 0.7},
			climate{name: name("whole nodes"), crash: rate / 2, node: rate / 2},
			climate{name: name("whole nodes, new pods on new ones"), crash: rate / 2, node: rate / 2, skewed: true},
			climate{name: name("shared outages"), crash: rate / 2, shared: 4, hit: 0.7},
			climate{name: name("all of these"), crash: rate / 2, again: 0.5, node: rate / 2, shared: 2, hit: 0.5, skewed: true},
		)
	}
	return all
}

// young lists what depends on a pod's age, for which only history is a fair
// baseline.
func young() []climate {
	return []climate{
		{name: "independent, 2 an hour", crash: 2},
		{name: "ten times more in the first minute, 2 an hour", crash: 2, warmUp: 10},
		{name: "repeating, 2 an hour", crash: 2, again: 0.7},
		{name: "one start in 20 never works, 0.1 an hour", crash: 0.1, cursed: 0.05},
		{name: "whole nodes, 2 an hour", crash: 1, node: 1},
	}
}

// TestFalseAlarms looks at healthy rollouts after every event and counts how
// often they are convicted. A cell that is too close to the budget to tell is
// simulated once more, ten times as long and with new seeds.
func TestFalseAlarms(t *testing.T) {
	var cells []*cell
	for _, replicas := range []int{4, 10, 50} {
		for _, c := range healthy() {
			cells = append(cells, &cell{replicas: replicas, climate: c, judge: beside})
		}
		for _, c := range young() {
			c.name = "against history: " + c.name
			cells = append(cells, &cell{replicas: replicas, climate: c, judge: matched})
		}
	}
	// A few rollouts prove nothing about one cell; then a cell fails only on
	// what cannot be bad luck in any of them, and all together must prove it.
	surely := 1 - (1-confidence)/float64(len(cells)*len(budgets))
	simulate(t, cells, func(t *testing.T, c *cell) {
		c.run(1, *rollouts)
		if *rollouts >= proving && c.upper(budget) >= budget {
			c.run(2, 10**rollouts)
		}
		for _, b := range budgets {
			if lowerBound(c.alarms[b], c.rollouts, surely) > b {
				t.Errorf("%d alarms in %d healthy rollouts refute the budget %g", c.alarms[b], c.rollouts, b)
			}
			if *rollouts >= proving && c.upper(b) >= b {
				t.Errorf("%d alarms in %d healthy rollouts do not prove the budget %g", c.alarms[b], c.rollouts, b)
			}
		}
	})
	for _, b := range budgets[:2] {
		alarms, n := 0, 0
		for _, c := range cells {
			alarms, n = alarms+c.alarms[b], n+c.rollouts
		}
		if n > 0 && upperBound(alarms, n, confidence) >= b {
			t.Errorf("%d alarms in all %d healthy rollouts do not prove the budget %g", alarms, n, b)
		}
	}
}

// TestMistakes makes the mistakes that the package warns of, one at a time.
// Each breaks the bound, and the simulation sees it.
func TestMistakes(t *testing.T) {
	cells := []*cell{
		{climate: climate{name: "every crash counts", crash: 2, again: 0.7}, judge: unlimited},
		{climate: climate{name: "a pod counts twice in 5 minutes", crash: 0.1, again: 0.98}, judge: twicePerWindow},
		{climate: climate{name: "share of pods, though nodes fail", crash: 0.1, node: 10, skewed: true}, judge: podsOnly},
		{climate: climate{name: "share of cumulative pod-seconds", crash: 2}, judge: cumulative},
		{climate: climate{name: "young pods against settled ones", crash: 2, warmUp: 10}, judge: beside},
		{climate: climate{name: "history in today's outage", crash: 0.1, shared: 4, hit: 0.7}, judge: matched},
	}
	for _, c := range cells {
		c.replicas = 10
		if strings.HasPrefix(c.climate.name, "share of pods") || strings.HasPrefix(c.climate.name, "young") {
			c.replicas = 50
		}
	}
	simulate(t, cells, func(t *testing.T, c *cell) {
		c.run(1, max(*rollouts, 150))
		if lowerBound(c.alarms[budget], c.rollouts, confidence) <= budget {
			t.Errorf("%d alarms in %d healthy rollouts: the simulation did not see the mistake", c.alarms[budget], c.rollouts)
		}
	})
}

// simulate runs the cells side by side and prints them as a table.
func simulate(t *testing.T, cells []*cell, check func(*testing.T, *cell)) {
	t.Run("cells", func(t *testing.T) {
		for _, c := range cells {
			t.Run(fmt.Sprintf("%d replicas, %s", c.replicas, c.climate.name), func(t *testing.T) {
				t.Parallel()
				check(t, c)
			})
		}
	})
	var table strings.Builder
	table.WriteString("\n| replicas | how pods fail (rate per pod) | crashes per rollout | healthy rollouts | alarms at 20 · 100 · 1000 | upper bound at 1000 |\n|---|---|---|---|---|---|\n")
	for _, c := range cells {
		if c.rollouts > 0 {
			fmt.Fprintf(&table, "| %d | %s | %.1f | %d | %d · %d · %d | %.5f |\n", c.replicas, c.climate.name, float64(c.crashes)/float64(c.rollouts),
				c.rollouts, c.alarms[0.05], c.alarms[0.01], c.alarms[budget], c.upper(budget))
		}
	}
	t.Log(table.String())
}

// upperBound is the one-sided Clopper–Pearson bound of a probability: the
// largest at which so few would not be a surprise.
func upperBound(hits, n int, confidence float64) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		if p := (low + high) / 2; atMost(hits, n, p) > 1-confidence {
			low = p
		} else {
			high = p
		}
	}
	return high
}

// lowerBound is the other side: of n, the rest are misses.
func lowerBound(hits, n int, confidence float64) float64 {
	return 1 - upperBound(n-hits, n, confidence)
}

// atMost is the binomial distribution function.
func atMost(hits, n int, p float64) float64 {
	sum := 0.0
	all, _ := math.Lgamma(float64(n + 1))
	for k := range hits + 1 {
		in, _ := math.Lgamma(float64(k + 1))
		out, _ := math.Lgamma(float64(n - k + 1))
		sum += math.Exp(all - in - out + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
	}
	return sum
}
