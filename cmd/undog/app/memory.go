package app

import (
	"os"
	"runtime/debug"
)

// garbagePercent is how much garbage may gather, as a share of what is in use, before
// it is collected. What undog holds of a cluster is much, and what an event leaves
// behind little: collecting five times as often as by default costs a few percent of
// its processor time and saves a third of its memory.
const garbagePercent = 20

// saveMemory applies it, unless the environment says otherwise.
func saveMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}
