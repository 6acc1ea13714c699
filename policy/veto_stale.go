package policy

import (
	"fmt"
	"time"
)

// staleAfter is how long a watch may be out of contact until what it showed
// last is too old to act upon.
const staleAfter = 30 * time.Second

// staleVeto holds while the caches may be old: a conviction must rest on what
// is so, not on what was.
func staleVeto(c *Case, _ Finding) Veto {
	lost := c.engine.lost
	if lost.IsZero() || c.At.Sub(lost) < staleAfter {
		return Veto{Message: "the watches are in contact with the API server"}
	}
	return Veto{
		Holds: true, WakeAt: c.At.Add(staleAfter / 3),
		Message: fmt.Sprintf("a watch has been out of contact with the API server for %s", round(c.At.Sub(lost))),
	}
}
