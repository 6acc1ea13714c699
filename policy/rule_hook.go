package policy

import "fmt"

// hookRule convicts a revision whose containers are killed because their own
// postStart hook fails. Seen on two pods, or twice on one, or for a while, it
// will fail the next time as well. Hooks of the node's own (PreCreateHookError,
// PreStartHookError) say nothing about the revision.
func hookRule(c *Case) Finding {
	for _, f := range c.Revision.Failures {
		if f.Pods > 0 && f.Reason == "PostStartHookError" {
			return c.twiceOrLong(f, "PostStartHook", fmt.Sprintf("the postStart hook of container %s fails", f.Container))
		}
	}
	return Finding{}
}
