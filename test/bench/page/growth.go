package page

import (
	"fmt"
	"strings"
)

const growthIntro = `## Growth

What a pod and an event cost in clusters of growing size. The events of the largest single
Deployment and of pods that crash over and over are compared with those of all kinds, in the
same run: they are measured alone, at the same rate.

`

// writeGrowth compares the tiers, where there is something to compare.
func writeGrowth(b *strings.Builder, latest map[string]*Result) {
	b.WriteString(growthIntro)
	b.WriteString("| tier | pods | bytes for each more than the smallest has | processor time for an event | the largest Deployment's | pods that crash |\n")
	b.WriteString("|---|--:|--:|--:|--:|--:|\n")
	for _, tier := range tiers {
		r := latest[tier]
		if r == nil {
			continue
		}
		fmt.Fprintf(b, "| %s | %d | %s | %.0f µs | %s | %s |\n", tier, r.Pods, positive("%.0f", r.growth(latest["S"])), r.CPUPerThousand*1000,
			positive("%.2f ×", r.ratio(&r.Largest)), positive("%.2f ×", r.ratio(&r.Crashing)))
	}
	b.WriteString("\n![what a pod and an event cost in clusters of all sizes](performance.svg)\n\n")
}

// positive is a number as a format says, "" for what was not measured.
func positive(format string, n float64) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(format, n)
}
