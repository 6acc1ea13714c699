package corpus

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/undog-dev/undog/test/corpus/baseline"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

// score is how one watchdog did on some runs.
type score struct {
	// right of runs came to the expected verdict.
	right, runs int
	// quiet is how many of them must not be rolled back, and wrong how many
	// of these were.
	quiet, wrong int
	times        []time.Duration
	exposed      []int
}

// judgement is what one watchdog made of one workload in one run.
type judgement struct {
	right, undone bool
	after         time.Duration
	exposed       int
}

func (s *score) add(e scenario.Expect, j judgement) {
	s.runs++
	if j.right {
		s.right++
	}
	if e.Verdict != scenario.Rollback {
		s.quiet++
		if j.undone {
			s.wrong++
		}
		return
	}
	if j.undone {
		s.times = append(s.times, j.after)
		s.exposed = append(s.exposed, j.exposed)
	}
}

// watchdogs are all that are compared, undog first.
func watchdogs() []string { return append([]string{"undog"}, baseline.Names()...) }

// judged is what a watchdog made of a workload.
func (r *Run) judged(watchdog string, e scenario.Expect) judgement {
	if watchdog == "undog" {
		o := r.Result.Workloads[e.Workload]
		j := judgement{right: r.Wrong == nil, undone: len(o.Undone) > 0, exposed: o.Exposed}
		if j.undone {
			j.after = o.Undone[0]
		}
		return j
	}
	o := r.Judged.Workloads[e.Workload]
	after, undone := o.Judged[watchdog]
	return judgement{
		right: undone == (e.Verdict == scenario.Rollback), undone: undone, after: after, exposed: o.Created[watchdog],
	}
}

// scores adds up the runs for which of is not "", by what it says.
func scores(runs []*Run, watchdog string, of func(r *Run) string) map[string]*score {
	out := map[string]*score{}
	for _, r := range runs {
		key := of(r)
		if out[key] == nil {
			out[key] = &score{}
		}
		for _, e := range r.Scenario.Expected(r.Cell) {
			out[key].add(e, r.judged(watchdog, e))
		}
	}
	return out
}

// Summary is the table of all watchdogs.
func Summary(runs []*Run) string {
	var b strings.Builder
	dogs := watchdogs()
	row(&b, append([]string{""}, dogs...))
	row(&b, slices.Repeat([]string{"---"}, len(dogs)+1))
	perClass := make([]map[string]*score, len(dogs))
	total := make([]*score, len(dogs))
	for i, dog := range dogs {
		perClass[i] = scores(runs, dog, func(r *Run) string { return string(r.Scenario.Class) })
		total[i] = scores(runs, dog, func(*Run) string { return "" })[""]
	}
	line := func(name string, cell func(i int) string) {
		cells := []string{name}
		for i := range dogs {
			cells = append(cells, cell(i))
		}
		row(&b, cells)
	}
	for _, class := range scenario.Classes {
		if perClass[0][string(class)] != nil {
			line(string(class), func(i int) string { return perClass[i][string(class)].reached() })
		}
	}
	line("**all**", func(i int) string { return "**" + total[i].reached() + "**" })
	line("bad releases rolled back", func(i int) string { return fmt.Sprintf("%d of %d", len(total[i].times), total[i].runs-total[i].quiet) })
	line("wrong rollbacks", func(i int) string { return fmt.Sprintf("%d of %d", total[i].wrong, total[i].quiet) })
	line("their true rate is below (95 %)", func(i int) string { return bound(total[i].wrong, total[i].quiet) })
	line("time to rollback, median", func(i int) string { return seconds(quantile(total[i].times, 0.5)) })
	line("time to rollback, p95", func(i int) string { return seconds(quantile(total[i].times, 0.95)) })
	line("pods of the bad revision by then, median", func(i int) string { return fmt.Sprint(quantile(total[i].exposed, 0.5)) })
	line("the same, p95", func(i int) string { return fmt.Sprint(quantile(total[i].exposed, 0.95)) })
	line("API writes per run, without giving field ownership back, median", func(i int) string {
		if i > 0 {
			return ""
		}
		return fmt.Sprint(quantile(writes(runs), 0.5))
	})
	return b.String()
}

func writes(runs []*Run) []int {
	var out []int
	for _, r := range runs {
		out = append(out, r.Result.Writes)
	}
	return out
}

func (s *score) reached() string { return fmt.Sprintf("%d/%d", s.right, s.runs) }

// bound is an upper bound of a rate at 95 %: by the rule of three when nothing
// happened, else by Wilson's interval (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927).
func bound(k, n int) string {
	if n == 0 {
		return ""
	}
	if k == 0 {
		return fmt.Sprintf("%.2g %%", 300/float64(n))
	}
	return fmt.Sprintf("%.2g %%", 100*wilson(float64(k), float64(n)))
}

// Scenarios is the table of what undog makes of each scenario.
func Scenarios(all []*scenario.Scenario, runs []*Run) string {
	var b strings.Builder
	row(&b, []string{"", "what happens", "class", "expected", "reached", "after", "pods"})
	row(&b, slices.Repeat([]string{"---"}, 7))
	per := scores(runs, "undog", func(r *Run) string { return r.Scenario.ID })
	for _, s := range all {
		sc := per[s.ID]
		after, pods := "", ""
		if len(sc.times) > 0 {
			after, pods = seconds(quantile(sc.times, 0.5)), fmt.Sprint(quantile(sc.exposed, 0.5))
		}
		row(&b, []string{s.ID, s.Title, string(s.Class), expected(s), sc.reached(), after, pods})
	}
	return b.String()
}

// expected names the verdicts that a scenario expects.
func expected(s *scenario.Scenario) string {
	var out []string
	for _, e := range s.Expect {
		if v := string(e.Verdict); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return strings.Join(out, ", ")
}

func row(b *strings.Builder, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func seconds(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}

// quantile is the smallest value that a share q of all does not exceed.
func quantile[T cmp.Ordered](values []T, q float64) T {
	var zero T
	if len(values) == 0 {
		return zero
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
