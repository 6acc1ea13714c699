package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const mega = 1 << 20

// row is one line of a table: what, how much, and the budget if there is one.
type row struct{ what, value, budget string }

// Table is the measurement for people, in Markdown.
func (r *Result) Table() string {
	var b strings.Builder
	b.WriteString("| what | measured | budget |\n|---|--:|--:|\n")
	for _, l := range r.rows() {
		if l.value == "" {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", l.what, l.value, l.budget)
	}
	return b.String()
}

func (r *Result) rows() []row {
	memory, list, react := map[string]string{"M": "60 MB", "XL": "250 MB"}[r.Tier], "", ""
	if r.Tier == "XL" {
		list, react = "20 s on one core", "p99 50 ms"
	}
	return []row{
		{"pods · Deployments · ReplicaSets · Nodes", fmt.Sprintf("%d · %d · %d · %d", r.Pods, r.Deployments, r.ReplicaSets, r.Nodes), ""},
		{"first list, from the start of the program", fmt.Sprintf("%.1f s", r.FirstList), list},
		{"processor time of it", fmt.Sprintf("%.1f s", r.FirstListCPU), list},
		{"VmRSS · VmHWM after it", memoryOf(r.ListedRSS, r.ListedPeak), memory},
		{"VmRSS under load", fmt.Sprintf("%.1f MB", r.SteadyRSS/mega), memory},
		{"of that: the program's own file", fileOf(r.SteadyFile), ""},
		{"VmRSS for each pod, all else included", fmt.Sprintf("%.0f bytes", r.PerPod()), ""},
		{"VmRSS · VmHWM at the end", memoryOf(r.EndRSS, r.EndPeak), memory},
		{"heap in use at the end", fmt.Sprintf("%.1f MB", r.Heap/mega), ""},
		{"events of watches a second", eventsOf(r), ""},
		{"processor time for 1,000 of them", fmt.Sprintf("%.3f s", r.CPUPerThousand), ""},
		{"allocations for each", fmt.Sprintf("%.0f (%.0f bytes)", r.AllocsPerEvent, r.BytesPerEvent), ""},
		{fmt.Sprintf("the same of events in one Deployment of %d pods alone", r.LargestPods), r.beside(&r.Largest), ""},
		{fmt.Sprintf("the same of events of %d pods that crash over and over; undone", r.CrashingPods), r.crashing(), ""},
		{fmt.Sprintf("%d bad releases in turn: undone", r.Paced.Number), fmt.Sprint(r.Paced.Undone), fmt.Sprint(r.Paced.Number)},
		{"last evidence → first request", r.Paced.First.String(), react},
		{"last evidence → PATCH", r.Paced.Patch.String(), ""},
		{fmt.Sprintf("%d bad releases at once: undone", r.Burst.Number), fmt.Sprint(r.Burst.Undone), fmt.Sprint(r.Burst.Number)},
		{"last evidence → first request", r.Burst.First.String(), ""},
		{"last evidence → PATCH", r.Burst.Patch.String(), ""},
		{"first evidence of any → last PATCH of any", fmt.Sprintf("%.1f s", r.Burst.All), ""},
		{fmt.Sprintf("%d more in turn meanwhile: undone; last evidence → PATCH", r.Beside.Number), r.meanwhile(), fmt.Sprint(r.Beside.Number)},
		{fmt.Sprintf("%d bad releases at once, the brake on: undone", r.Braked.Number), r.braked(), ""},
		{"first evidence of any → event that the brake is on", r.brakedAfter(), ""},
		{"good releases proven while it is", r.brakedGood(), ""},
		{"transition → acknowledged by JetStream", r.Acks.String(), ""},
		{"goroutines", fmt.Sprintf("%.0f", r.Goroutines), ""},
		{"requests to the API server", requests(r.Requests), ""},
	}
}

// eventsOf names the resources, where they were counted, that had any.
func eventsOf(r *Result) string {
	var by []string
	for _, name := range slices.Sorted(maps.Keys(r.EventsBy)) {
		if n := r.EventsBy[name]; n > 0 {
			by = append(by, fmt.Sprintf("%s %.1f", name, n))
		}
	}
	text := fmt.Sprintf("%.0f", r.EventsPerSecond)
	if len(by) > 0 {
		text += " (" + strings.Join(by, ", ") + ")"
	}
	return text
}

// fileOf is "" in measurements from before it was measured.
func fileOf(bytes float64) string {
	if bytes == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f MB", bytes/mega)
}

func memoryOf(rss, peak float64) string { return fmt.Sprintf("%.1f · %.1f MB", rss/mega, peak/mega) }

// String is the spread for people.
func (s Spread) String() string {
	if s == (Spread{}) {
		return "not seen"
	}
	return fmt.Sprintf("p50 %s, p99 %s, max %s", short(s.P50), short(s.P99), short(s.Max))
}

// short is a time with three digits.
func short(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < 10*time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

func requests(all map[string]uint64) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, fmt.Sprintf("%s %d", name, all[name]))
	}
	return strings.Join(list, ", ")
}
