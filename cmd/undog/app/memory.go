package app

import (
	"os"
	"runtime/debug"
)

// readingPercent and restingPercent are how much garbage may gather, as a share of what
// is in use, before it is collected. What undog holds of a cluster is much, and what an
// event leaves behind little: collecting five times as often as by default costs a few
// percent of its processor time and saves a third of its memory. The first list leaves
// behind eight times what is kept of it: until it is in, a little less is saved.
const readingPercent, restingPercent = 25, 18

// saveMemory begins with what is right while undog reads what there is, saveMore goes
// on with what is right from then on.
func saveMemory() { collectAt(readingPercent) }

func saveMore() { collectAt(restingPercent) }

// collectAt applies a percentage, unless the environment says otherwise.
func collectAt(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
