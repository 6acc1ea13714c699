package explain

import (
	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/cmd/undog/played"
	"github.com/undog-dev/undog/policy"
)

// checks is what each check that is for the workload has shown of the current
// revision, and when it is played next.
func (s *sheet) checks() {
	if len(s.Checks) == 0 {
		return
	}
	s.page.Title("Checks")
	for i := range s.Checks {
		c := &s.Checks[i]
		s.page.Item(2, page.Plain, "- ", page.Plain, played.Sentence(c.CheckEvidence, c.Threshold))
		for _, line := range played.Details(c.CheckEvidence) {
			s.page.Text(4, page.Plain, line)
		}
		s.page.Text(4, page.Plain, "pace: "+s.pace(c))
	}
}

// pace says how often a check is played, and when next.
func (s *sheet) pace(c *policy.CheckState) string {
	switch {
	case c.Playing:
		return c.Pace + "; now"
	case c.Next.After(s.now):
		return c.Pace + "; next in " + page.Span(c.Next.Sub(s.now))
	}
	return c.Pace
}
