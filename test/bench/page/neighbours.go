package page

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// neighboursFile has what the benchmark of the neighbours printed last.
const neighboursFile = "neighbours.txt"

// neighbour is one line of it: what a pod costs.
type neighbour struct {
	name                      string
	held, nanos, bytes, count float64
}

var neighbourLine = regexp.MustCompile(`^BenchmarkPods/(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op\s+([\d.]+) bytes/pod\s+([\d.]+) B/op\s+([\d.]+) allocs/op`)

// readNeighbours is empty where nobody has measured.
func readNeighbours(history string) ([]neighbour, error) {
	raw, err := os.ReadFile(filepath.Join(history, neighboursFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what the neighbours take: %w", err)
	}
	var all []neighbour
	for line := range strings.Lines(string(raw)) {
		m := neighbourLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		n := neighbour{name: m[1]}
		for i, to := range []*float64{&n.nanos, &n.held, &n.bytes, &n.count} {
			if *to, err = strconv.ParseFloat(m[i+2], 64); err != nil {
				return nil, fmt.Errorf("read what the neighbours take: %w", err)
			}
		}
		all = append(all, n)
	}
	return all, nil
}

const neighboursIntro = `## Neighbours

The same 15,000 pods, streamed as the same bytes of a watch, held by undog and by the caches
that other programs are made with, one after the other in one process (` + "`make neighbours`" + `).
undog's share of its Deployments and ReplicaSets is in its figure. Read the ratios: the times
are of a busy machine.

`

// published is what the users of other tools have reported.
const published = `What users of tools that do a part of the same have reported of them:

| tool | reported | where |
|---|---|---|
| Argo Rollouts | 11,000 to 13,000 Rollouts: 11 to 14 GB and 2 to 3 cores | argoproj/argo-rollouts issues 2855 and 3112 |
| Argo Rollouts | 25 Rollouts: from 140 MB to 8.8 GB in 127 days | argoproj/argo-rollouts issue 4571 |
| Flagger | more than 50 canaries wait for the client's own limit of requests | fluxcd/flagger issue 638 |
| an informer of 88,000 full pods | killed at 4 GiB, 16 s after its start | flyteorg/flyte issue 7837 |

To measure one of them beside undog: start a control plane that stays
(` + "`bin/undog-cluster up`" + `), give both the same kubeconfig and the same Deployments (Argo
Rollouts by a Rollout with a workloadRef to each, Flagger by a Canary to each), and read
VmRSS of both in /proc and the requests by user agent in the API server's audit log.

`

// writeNeighbours compares.
func writeNeighbours(b *strings.Builder, all []neighbour) {
	b.WriteString(neighboursIntro)
	if len(all) > 0 {
		b.WriteString("| | bytes for a pod | | time for a change | | allocated for a change | |\n|---|--:|--:|--:|--:|--:|--:|\n")
		own := all[0]
		for _, n := range all {
			fmt.Fprintf(b, "| %s | %.0f | %.1f × | %.1f µs | %.1f × | %.0f bytes | %.1f × |\n", n.name,
				n.held, n.held/own.held, n.nanos/1000, n.nanos/own.nanos, n.bytes, n.bytes/own.bytes)
		}
		b.WriteString("\n")
	}
	b.WriteString(published)
}
