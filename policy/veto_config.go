package policy

import (
	"fmt"
	"time"
)

// configWindow is how long before a rollout a ConfigMap may have been changed
// to have been changed with it: a deployment tool applies one after the other.
const configWindow = 10 * time.Minute

// configVeto holds when the process ran and did wrong, and the data of a
// ConfigMap that it is configured with was changed with the release: undoing
// the template would not undo that. A ConfigMap that was made with the release
// is another matter: the revision to return to names its own.
func configVeto(c *Case, f Finding) Veto {
	v := Veto{Message: "no ConfigMap of the same name was changed with the release"}
	if !behaved(f) {
		v.Message = "what is wrong is in the template, not in a ConfigMap"
		return v
	}
	from := c.began().Add(-configWindow)
	for _, m := range c.Observation.Configs {
		if m.ChangedAt.Before(from) || !m.CreatedAt.Before(from) {
			continue
		}
		v.Holds = true
		v.Message = fmt.Sprintf("ConfigMap %s was changed by %s at %s, with the release: undoing the template would not undo it",
			m.Name, named(m.ChangedBy), m.ChangedAt.UTC().Format(time.RFC3339))
		return v
	}
	return v
}

// named is a field manager's name, or that there is none.
func named(manager string) string {
	if manager == "" {
		return "somebody"
	}
	return manager
}
