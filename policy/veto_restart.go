package policy

import (
	"fmt"
	"strings"
)

// restartVeto holds when the revision differs from the one to return to only
// by annotations or labels of its pods, as after kubectl rollout restart: what
// fails now would fail again.
func restartVeto(c *Case, _ Finding) Veto {
	changes := c.workload.rollout.changes
	target, ok := c.target()
	if !ok || len(changes) == 0 || target.Template != c.workload.rollout.base.get().Template {
		return Veto{Message: "what was changed is not known to be annotations alone"}
	}
	for _, change := range changes {
		if !strings.HasPrefix(change.Path, "metadata.annotations") {
			return Veto{Message: fmt.Sprintf("more than annotations changed: %s", change.Path)}
		}
	}
	return Veto{Holds: true, Message: fmt.Sprintf(
		"only annotations differ from revision %d, as after a restart: going back would change nothing", target.Number)}
}
