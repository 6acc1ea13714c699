package policy

import "fmt"

// environmentRule tells of failures that no other rule speaks of: those of
// what the pods run on, and those of a kind that undog does not know. They never
// convict. The first kind does not stand in the way of the bake either: what
// runs, runs.
func environmentRule(c *Case) Finding {
	var best Finding
	for _, f := range c.Revision.Failures {
		if f.Pods == 0 {
			continue
		}
		got := Finding{Level: Suspicious, Failures: []Failure{f}}
		switch c.blameOf(f) {
		case environments:
			got.Reason, got.Environment = "Environment", true
			got.Message = fmt.Sprintf("%s by fault of what it runs on (%s): %s", heldUp(f), f.Reason, f.Message)
		case unplaced:
			got.Reason = "UnknownFailure"
			got.Message = fmt.Sprintf("%s for a reason that undog does not know (%s): %s", heldUp(f), f.Reason, f.Message)
		case ambiguous, revisions:
			if f.Exited {
				// How often a container exits, and when, is for crashRule alone.
				continue
			}
			got.Reason = "HeldUp"
			got.Message = fmt.Sprintf("%s (%s): %s", heldUp(f), f.Reason, f.Message)
		}
		if got.outranks(best) {
			best = got
		}
	}
	return best
}

// heldUp says what is held up or was ended.
func heldUp(f Failure) string {
	if f.Container == "" {
		return count(f.Pods, "pod") + " held up or ended"
	}
	return fmt.Sprintf("container %s held up or ended in %s", f.Container, count(f.Pods, "pod"))
}
