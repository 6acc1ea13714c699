package explain

import (
	"strings"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/policy"
)

// rules is a line for each rule that finds something or has something to say,
// and one for all the others.
func (s *sheet) rules() {
	if len(s.Rules) == 0 {
		return
	}
	s.page.Title("Rules (✓ clear, ? suspicious, ✗ convicting)")
	var silent []string
	widest := 0
	for _, r := range s.Rules {
		if sentence(r.Reason, r.Message) == "" {
			silent = append(silent, r.Rule)
			continue
		}
		widest = max(widest, page.Columns(page.Clean(r.Rule)))
	}
	for _, r := range s.Rules {
		if text := sentence(r.Reason, r.Message); text != "" {
			mark, style := weigh(r.Level)
			s.page.Item(2, style, mark+" "+padded(r.Rule, widest), page.Plain, text)
		}
	}
	if len(silent) > 0 {
		s.page.Item(2, page.Green, "✓ ", page.Plain, "nothing found by "+strings.Join(silent, ", "))
	}
}

// weigh is the mark of a level.
func weigh(level string) (string, page.Style) {
	switch {
	case strings.EqualFold(level, "Convicting"):
		return "✗", page.Red
	case strings.EqualFold(level, "Suspicious"):
		return "?", page.Yellow
	}
	return "✓", page.Green
}

// vetoes is a line for each veto; where there is nothing to hold back, only for
// those that would.
func (s *sheet) vetoes() {
	if len(s.Vetoes) == 0 {
		return
	}
	s.page.Title("Vetoes")
	mark, _ := weigh(s.Finding.Level)
	idle := mark == "✓"
	widest := 0
	for _, v := range s.Vetoes {
		widest = max(widest, page.Columns(page.Clean(v.Veto)))
	}
	for _, v := range s.Vetoes {
		if !idle || v.Holds {
			s.veto(v, widest)
		}
	}
	if idle {
		s.page.Text(2, page.Plain, "no rule finds anything that would have to be held back")
	}
}

func (s *sheet) veto(v policy.VetoAnswer, widest int) {
	mark, style, text := "no     ", page.Plain, v.Message
	switch {
	case v.Off:
		mark, text = "off    ", "the policy does not ask it; "+text
	case v.Holds:
		mark, style = "HOLDS  ", page.Yellow
	}
	s.page.Item(2, style, mark+padded(v.Veto, widest), page.Plain, text)
}

func padded(name string, width int) string {
	name = page.Clean(name)
	return name + strings.Repeat(" ", width-page.Columns(name)+2)
}

// targets says where an undo would lead, and why not elsewhere.
func (s *sheet) targets() {
	if len(s.Rules) == 0 {
		return
	}
	s.page.Title("Where an undo would lead")
	none := true
	for _, t := range s.Targets {
		if t.Chosen {
			none = false
			s.page.Item(2, page.Green, "→ ", page.Bold, said(t))
		}
	}
	if none {
		s.page.Text(2, page.Plain, "nowhere: no other revision has been proven good, and undog returns to no other")
	}
	left := maxTargets
	for _, t := range s.Targets {
		if !t.Chosen && left > 0 {
			left--
			s.page.Item(2, page.Plain, "  ", page.Plain, "not "+said(t))
		}
	}
}

// maxTargets is how many revisions are told that are no target.
const maxTargets = 6

func said(t policy.TargetChoice) string {
	text := named(t.Revision)
	if t.Message != "" {
		text += ": " + t.Message
	}
	return text
}
