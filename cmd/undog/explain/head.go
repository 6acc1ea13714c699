package explain

import (
	"fmt"
	"strings"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/policy"
)

// head is the verdict, and below it what one must know to believe it.
func (s *sheet) head() {
	verdict := s.Verdict
	if !strings.HasPrefix(verdict, s.Workload.String()) {
		verdict = s.Workload.String() + ": " + verdict
	}
	s.page.Text(0, page.Bold, verdict)
	if s.Why != "" && !strings.Contains(verdict, s.Why) {
		s.page.Text(0, page.Plain, s.Why)
	}
	s.page.Text(0, page.Plain, "As of "+s.now.Format("2006-01-02 15:04:05 MST")+s.from()+"; "+s.rule())
	for _, note := range s.Notes {
		s.page.Item(0, page.Yellow, "! ", page.Plain, note)
	}
}

func (s *sheet) from() string {
	text := ""
	if s.Source != "" {
		text = ", " + s.Source
	}
	// Where no undog runs the name is that of a configuration, not of the cluster.
	if s.Cluster != "" && !s.Afresh {
		text += ", cluster " + s.Cluster
	}
	return text
}

// rule says which policy applies and what it lets undog do.
func (s *sheet) rule() string {
	if s.Policy == "" {
		return "no policy applies"
	}
	text := fmt.Sprintf("policy %s, mode %s", does(s.Policy, s.Action, s.Auto), s.Mode)
	if s.Phase != policy.PhaseNone && !s.Afresh {
		text += fmt.Sprintf(", phase %s", s.Phase)
	}
	switch next := s.NextPolicy; {
	case next == nil:
	case next.Name == "":
		text += "; the next release matches no policy, and is left alone"
	default:
		text += "; from the next release on policy " + does(next.Name, next.Action, next.Auto)
	}
	return text
}

// does says what a policy does, with the action that was left to undog.
func does(name string, a policy.Action, auto bool) string {
	if auto {
		name += " (auto)"
	}
	return name + " " + map[policy.Action]string{
		policy.ActionRollback: "rolls a bad revision back",
		policy.ActionPause:    "pauses a bad revision's rollout",
		policy.ActionNotify:   "only tells of a bad revision",
	}[a]
}

// changes says what the current revision has that the one before had not.
func (s *sheet) changes() {
	if len(s.Changes) == 0 {
		return
	}
	s.page.Title("What changed")
	for i, c := range s.Changes {
		if i == maxChanges {
			s.page.Text(2, page.Plain, fmt.Sprintf("and %s more; undog history has them all", page.Count(len(s.Changes)-i, "change")))
			return
		}
		s.page.Item(2, page.Plain, "", page.Plain, Change(c))
	}
}

// maxChanges is how many changes are told.
const maxChanges = 12

// Change is a change in words. A value that may be secret is not there to be shown.
func Change(c policy.Change) string {
	switch {
	case c.From == "" && c.To == "":
		return c.Path + " (values are not shown)"
	case c.From == "":
		return c.Path + ": now " + c.To
	case c.To == "":
		return c.Path + ": no longer " + c.From
	}
	return c.Path + ": " + c.From + " → " + c.To
}
