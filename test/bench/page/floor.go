package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const floorIntro = `## What is left

What undog's processor time goes into while pods are replaced and no release is bad, as
shares of the whole, from a profile of ten seconds. System calls, TLS, HTTP/2 and the frames
of the watch are what reading takes, whatever is done with it: nobody who watches pods over
Kubernetes' API gets below their sum. Decoding is of what is left of an object once nine
tenths of its bytes are dropped unread.

`

// writeFloor says what the costs are made of.
func writeFloor(b *strings.Builder, latest map[string]*Result) {
	var shown []string
	names := map[string]float64{}
	for _, tier := range tiers {
		if r := latest[tier]; r != nil && len(r.Shares) > 0 {
			shown = append(shown, tier)
			for name, share := range r.Shares {
				names[name] += share
			}
		}
	}
	if len(shown) == 0 {
		return
	}
	b.WriteString(floorIntro)
	fmt.Fprintf(b, "| | %s |\n|---|%s\n", strings.Join(shown, " | "), strings.Repeat("--:|", len(shown)))
	order := slices.SortedFunc(maps.Keys(names), func(x, y string) int { return cmp.Or(cmp.Compare(names[y], names[x]), cmp.Compare(x, y)) })
	for _, name := range order {
		fmt.Fprintf(b, "| %s |", name)
		for _, tier := range shown {
			fmt.Fprintf(b, " %.0f %% |", 100*latest[tier].Shares[name])
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}
