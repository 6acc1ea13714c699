package corpus

import (
	"fmt"
	"strings"
	"time"

	"github.com/undog-dev/undog/test/corpus/scenario"
)

// The lines between which the table stands in its page.
const (
	begin = "<!-- begin real: written by make corpus-real -->\n"
	end   = "<!-- end real -->\n"
)

// Fill replaces the table of a page, or adds it.
func Fill(page, table string) string {
	before, rest, ok := strings.Cut(page, begin)
	if !ok {
		return strings.TrimRight(page, "\n") + "\n\n## On a real control plane\n\n" + begin + table + end
	}
	_, after, _ := strings.Cut(rest, end)
	return before + begin + table + end + after
}

// Table is what undog made of each scenario.
func Table(runs []*Run) string {
	var b strings.Builder
	right := 0
	for _, r := range runs {
		if r.Wrong == nil {
			right++
		}
	}
	fmt.Fprintf(&b, "%d scenarios, each once, in real time, with the real API server, controllers and undog, and a\n"+
		"scripted kubelet; %d came to what is expected. What undog did is read from the Deployment and the audit\n"+
		"log: after is the time from the release to its patch of the template or, where it held, to the event\n"+
		"that says so.\n\n", len(runs), right)
	row(&b, "", "what happens", "cell", "expected", "got", "reason", "after", "in virtual time", "at the latest", "pods", "writes")
	row(&b, "---", "---", "---", "---", "---", "---", "---", "---", "---", "---", "---")
	for _, r := range runs {
		for _, e := range r.Scenario.Expected(r.Cell) {
			row(&b, r.line(e)...)
		}
	}
	return b.String()
}

// line is a workload's line.
func (r *Run) line(e scenario.Expect) []string {
	id := r.Scenario.ID
	if len(r.Scenario.Workloads) > 1 {
		id += " " + e.Workload
	}
	got, reason, after, atLatest, pods := "nothing: it could not be played", "", "", "", ""
	if o := r.Workloads[e.Workload]; o != nil {
		got, reason = string(o.Verdict()), strings.Join(o.Held, ", ")
		if held, ok := r.Held[e.Workload]; ok {
			after = seconds(held)
		}
		if len(o.Undone) > 0 {
			reason, after, pods = o.Reason, seconds(o.Undone[0]), fmt.Sprint(o.Exposed)
		}
	}
	if r.Wrong != nil {
		got = "**" + got + "**"
	}
	if e.Latest.Duration > 0 {
		atLatest = seconds(e.Latest.Duration)
	}
	if r.Late > 0 {
		after += " (late)"
	}
	return []string{
		id, r.Scenario.Title, fmt.Sprintf("%d, %s", r.Cell.Replicas, r.Cell.Strategy), string(e.Verdict), got, reason, after, r.virtually(e.Workload),
		atLatest, pods, fmt.Sprint(r.Writes),
	}
}

// virtually is when the workload was undone in virtual time, or the verdict if
// that is another one.
func (r *Run) virtually(workload string) string {
	if r.Virtual == nil {
		return ""
	}
	o, here := r.Virtual.Workloads[workload], r.Workloads[workload]
	switch {
	case here != nil && o.Verdict() != here.Verdict():
		return "**" + string(o.Verdict()) + "**"
	case len(o.Undone) > 0:
		return seconds(o.Undone[0])
	}
	return ""
}

func row(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
