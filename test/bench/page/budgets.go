package page

import (
	"fmt"
	"strings"
)

// budget is what undog means to keep to in one tier.
type budget struct {
	what, tier string
	limit      float64
	value      func(*Result) float64
	show       func(float64) string
	// missed says what the excess is made of, and what it would take.
	missed string
}

var budgets = []budget{
	{
		what: "last evidence → first request of the undo, p99 at 1,000 pod events a second", tier: "XL", limit: 0.05,
		value: func(r *Result) float64 { return r.Paced.First.P99 }, show: short,
	},
	{
		what: "resident memory under load", tier: "M", limit: 60 * mega, value: func(r *Result) float64 { return r.SteadyRSS }, show: megabytes,
		missed: "The program's own file is more than half of it: the kernel maps what is around each page that is used, and so nearly all of the " +
			"text of the Kubernetes types, of CEL and of the embedded NATS server. It would take a program without one of these.",
	},
	{
		what: "resident memory under load", tier: "XL", limit: 250 * mega, value: func(r *Result) float64 { return r.SteadyRSS }, show: megabytes,
		missed: "125 MB of it are in use (pods 41, ReplicaSets 29, Deployments and what is judged of them 35), a fifth more is garbage that is not " +
			"collected yet, and the program's own file is 36. The rest is room between objects, left by what came and went with them while they " +
			"were listed, and what the allocator takes. It would take pods and ReplicaSets in slabs that undog itself gives out and takes back.",
	},
	{
		what: "resident memory after the first list", tier: "XL", limit: 250 * mega, value: func(r *Result) float64 { return r.ListedPeak }, show: megabytes,
		missed: "While a list comes in client-go keeps a name for each object, until all have come: 25 MB. " +
			"To read ReplicaSets and pods one after the other would save half of the names, and take longer.",
	},
	{
		what: "resident memory at its peak, after 100 bad releases at once", tier: "M", limit: 60 * mega, value: func(r *Result) float64 { return r.EndPeak }, show: megabytes,
		missed: "A release that is judged is held with the templates and the logs that it is judged by, in undog and in the events on their way. " +
			"It would take fewer undos at the same time, and so a burst that lasts longer.",
	},
	{
		what: "resident memory at its peak, after 500 bad releases at once", tier: "XL", limit: 250 * mega, value: func(r *Result) float64 { return r.EndPeak }, show: megabytes,
		missed: "Some 50 MB more are in use than before the bursts: what they made and the decoding of it 15, the engine's account of releases under way and of those " +
			"that it condemned 13, a block of the embedded NATS server's file and its index 10, requests, their answers and events the rest. It would take " +
			"a NATS server outside (nats.url), and fewer undos at the same time.",
	},
	{
		what: "time of the first list, from the start of the program", tier: "XL", limit: 20, value: func(r *Result) float64 { return r.FirstList }, show: seconds,
		missed: "It is the processor time, below, on as many processors as are left to undog.",
	},
	{
		what: "processor time of the first list", tier: "XL", limit: 20, value: func(r *Result) float64 { return r.FirstListCPU }, show: seconds,
		missed: "A fifth of it is the collection of garbage, a tenth the hashes of 175,000 templates, a tenth TLS and HTTP/2, the rest decoding and " +
			"what is kept. The same work has been seen to take from 15 to 26 s on this machine, of which others have a share; to be below the budget " +
			"at all times it would take a decoder that makes records of the encoded objects and no objects.",
	},
}

func megabytes(bytes float64) string { return fmt.Sprintf("%.1f MB", bytes/mega) }

func seconds(s float64) string { return fmt.Sprintf("%.1f s", s) }

// writeBudgets says which are kept, and why the others are not.
func writeBudgets(b *strings.Builder, latest map[string]*Result) {
	var rows, missed strings.Builder
	for _, x := range budgets {
		r := latest[x.tier]
		if r == nil {
			continue
		}
		got, kept := x.value(r), "kept"
		if got > x.limit {
			kept = fmt.Sprintf("%.2f ×", got/x.limit)
			fmt.Fprintf(&missed, "- %s, %s: %s\n", x.tier, x.what, x.missed)
		}
		fmt.Fprintf(&rows, "| %s | %s | %s | %s | %s |\n", x.tier, x.what, x.show(x.limit), x.show(got), kept)
	}
	fmt.Fprintf(b, "## Budgets\n\n| tier | what | budget | measured | |\n|---|---|--:|--:|---|\n%s\n", rows.String())
	if missed.Len() > 0 {
		fmt.Fprintf(b, "What the others would take:\n\n%s\n", missed.String())
	}
}
