package explain

import (
	"fmt"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/policy"
)

// next says what happens next, and when.
func (s *sheet) next() {
	s.page.Title("What happens next")
	if s.Afresh {
		s.page.Text(2, page.Plain, s.would())
		return
	}
	s.page.Text(2, page.Plain, s.expects())
	if !s.BakeUntil.IsZero() {
		s.page.Text(2, page.Plain, fmt.Sprintf("It is good at %s if it stays so.", s.at(s.BakeUntil)))
	}
	if !s.Next.IsZero() && !s.Next.Equal(s.BakeUntil) {
		s.page.Text(2, page.Plain, fmt.Sprintf("undog looks with every change, and in any case at %s.", s.at(s.Next)))
	}
}

// would is what happens next when nobody runs who could do it.
func (s *sheet) would() string {
	text := "Nothing: this was judged for you alone, and nothing was done or written down."
	if s.Would != "" {
		text += " A running undog with this configuration " + s.Would + "."
	}
	return text
}

// at is a time to come and how far off it is.
func (s *sheet) at(t time.Time) string {
	if !t.After(s.now) {
		return page.Clock(t, s.now) + " (now)"
	}
	return page.Clock(t, s.now) + " (in " + page.Span(t.Sub(s.now)) + ")"
}

// expects is what each phase waits for.
func (s *sheet) expects() string {
	switch s.Phase {
	case policy.Progressing:
		return "The rollout goes on. Evidence makes the revision suspect; once complete it is watched through its bake window."
	case policy.Suspect:
		return "More of the same evidence convicts the revision; if the evidence goes away it is cleared."
	case policy.Baking:
		return "The revision is complete and watched through its bake window."
	case policy.Healthy:
		return "Nothing: this revision is not judged any more. The next template is."
	case policy.RollingBack:
		return "undog is writing its decision; the outcome is told as an event."
	case policy.RolledBack:
		return "The revision that was returned to has to become complete. It is not undone in its turn."
	case policy.Held:
		return "Nothing is undone while this holds. It is judged again with every change of the Deployment and its pods."
	case policy.Halted:
		return "undog does nothing more by itself: release another template, or mend the cause."
	case policy.PhaseNone:
	}
	if s.Why != "" {
		return "Nothing, as long as " + s.Why + "."
	}
	return "It is judged with the next change."
}
