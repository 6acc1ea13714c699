package page

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/undog-dev/undog/test/plot"
)

// tiers are in the order of their size.
var tiers = []string{"S", "M", "L", "XL"}

// History is the folder of all measurements, in that of the docs.
const History = "bench"

// Files makes performance.md and performance.svg from the measurements that are
// kept in the folder of the docs.
func Files(docs string) (map[string]string, error) {
	all, err := Read(filepath.Join(docs, History))
	if err != nil {
		return nil, err
	}
	beside, err := readNeighbours(filepath.Join(docs, History))
	if err != nil {
		return nil, err
	}
	latest := map[string]*Result{}
	for _, r := range all {
		latest[r.Tier] = r
	}
	return map[string]string{"performance.md": text(all, latest, beside), "performance.svg": plot.SVG(panels(latest))}, nil
}

// Write writes them into the folder.
func Write(docs string) error {
	files, err := Files(docs)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(docs, name), []byte(content), 0o644); err != nil {
			return fmt.Errorf("write the page on performance: %w", err)
		}
	}
	return nil
}

const intro = `# Performance

What undog takes, measured with the real program. ` + "`make bench TIER=S`" + ` (or M, L, XL) measures
again, adds a file to docs/bench and writes this page.

The objects have the shape of ClusterLoader2's load test: a quarter of the pods is in
Deployments of 250, a quarter in Deployments of 30 and half in Deployments of 5; each
Deployment has 10 old ReplicaSets and a ConfigMap. A pod is 8 KiB in protobuf.

S and M are in a control plane of Kubernetes' own API server, etcd and controllers, with
scripted nodes; it shares two processors with undog, and is what most of the times between
evidence and undo are spent on. When something happened is read from its audit log: evidence
is there when the log says that its status was written. A watch may bring it before that:
such times are below zero. L and XL are served by an
API server in a process of its own that is made of encoded objects and speaks TLS, HTTP/2 and
the watch protocol in protobuf, on the same machine; its clock runs from just before the
frame with the last evidence that is needed is written. Among the pods there are those of one
Deployment of 5,000, and two in a hundred crash over and over and have long done so, in
Deployments where all do and in as many where one does.

Memory is VmRSS and VmHWM of undog's process, its embedded NATS server included. What it frees goes back
to the system when Go's runtime gives it back; nothing in it, or here, forces that. Events are all frames of watches.

The bad releases are of a command that does not exist. The fleet brake is off but for the last
burst, before which undog is started anew: it remembers those that it undid before.

Each table is one run on a machine that others used meanwhile: times are upper bounds, and
figures of two runs do not compare exactly. With 100 releases p99 is the longest.

`

func text(all []*Result, latest map[string]*Result, beside []neighbour) string {
	var b strings.Builder
	b.WriteString(intro)
	for _, tier := range tiers {
		r := latest[tier]
		if r == nil {
			continue
		}
		server := "the imitated API server"
		if r.Server == Real {
			server = "the real API server"
		}
		fmt.Fprintf(&b, "## %s\n\n%s, version %s, %s, on %s.\n\n%s\n", tier, r.At.UTC().Format("2006-01-02"), r.Version, server, r.Machine, r.Table())
	}
	writeBudgets(&b, latest)
	writeFloor(&b, latest)
	writeNeighbours(&b, beside)
	writeGrowth(&b, latest)
	b.WriteString("## History\n\n| tier | when | version | first list | VmRSS under load | VmHWM | CPU s for 1,000 events | → first request p99 | → PATCH p99 |\n|---|---|---|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range slices.Backward(all) {
		fmt.Fprintf(&b, "| %s | %s | %s | %.1f s | %.1f MB | %.1f MB | %.3f | %s | %s |\n", r.Tier, r.At.UTC().Format("2006-01-02 15:04"), r.Version,
			r.FirstList, r.SteadyRSS/mega, r.EndPeak/mega, r.CPUPerThousand, short(r.Paced.First.P99), short(r.Paced.Patch.P99))
	}
	return b.String()
}

// panels show what things cost in clusters of growing size.
func panels(latest map[string]*Result) []plot.Panel {
	var out []plot.Panel
	for _, of := range []struct {
		title string
		value func(*Result) float64
	}{
		{"resident memory for each pod beyond what the smallest takes, bytes", func(r *Result) float64 { return r.growth(latest["S"]) }},
		{"processor time for an event, microseconds", func(r *Result) float64 { return r.CPUPerThousand * 1000 }},
		{"last evidence to first request, p99 in milliseconds", func(r *Result) float64 { return r.Paced.First.P99 * 1000 }},
	} {
		p := plot.Panel{
			Title: of.title + ", by the number of pods", Dots: true, First: 3, Marks: []float64{3, 4, math.Log10(50_000), math.Log10(150_000)},
			Name: func(x float64) string { return fmt.Sprintf("%.0fk", math.Pow(10, x)/1000) },
		}
		for _, tier := range tiers {
			if r := latest[tier]; r != nil && of.value(r) > 0 {
				p.Points = append(p.Points, plot.Point{X: math.Log10(float64(max(r.Pods, 1))), Y: of.value(r)})
			}
		}
		out = append(out, p)
	}
	return out
}
