package checkrun

import (
	"fmt"
	"strings"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/differ"
	"github.com/undog-dev/undog/watcher/check/play"
)

// maxNoise is how many places of noise are told where there is more to tell.
const maxNoise = 5

// comparison shows what differs between old and new, and what differs by itself.
func (s *sheet) comparison() {
	if s.Old == nil {
		s.page.Title("Nothing to compare with: noise only")
		s.text(2, page.Plain, "What differs between two plays on one revision would be masked, and held against nobody.")
		s.noise(differ.MaxDifferences)
		return
	}
	s.page.Title(fmt.Sprintf("%s, compared with %s", s.New.name(), s.Old.name()))
	if len(s.Trial.Steps) == 0 {
		s.text(2, page.Plain, "nothing could be compared: no step was answered by all of the pods")
	}
	for _, step := range s.Trial.Steps {
		report := &step.Report
		if !report.Comparable {
			s.item(2, page.Yellow, "? ", page.Plain, "%s: cannot be compared: %s", step.Name, report.Reason)
			continue
		}
		if len(report.Differences) == 0 {
			s.item(2, page.Green, "✓ ", page.Plain, "%s: no difference", step.Name)
			continue
		}
		s.text(2, page.Plain, "%s:", step.Name)
		for _, d := range report.Differences {
			s.difference(4, d)
		}
		if report.Omitted > 0 {
			s.text(4, page.Plain, "and %d more", report.Omitted)
		}
	}
	if s.Trial.Result.Outcome == check.Inconclusive && s.convicting() {
		s.text(2, page.Plain, "A check that does not pass on the old revision says nothing about the new one: none of this counts.")
	}
	s.noise(maxNoise)
}

// convicting tells whether a difference would convict by itself.
func (s *sheet) convicting() bool {
	for _, step := range s.Trial.Steps {
		if step.Report.Convicts() {
			return true
		}
	}
	return false
}

func (s *sheet) difference(indent int, d differ.Difference) {
	text := fmt.Sprintf("%s at %s", d.Kind, d.Where)
	switch {
	case d.Old == "" && d.New == "":
	case d.Old == "":
		text += fmt.Sprintf(": %q is new", d.New)
	case d.New == "":
		text += fmt.Sprintf(": %q is gone", d.Old)
	default:
		text += fmt.Sprintf(": %q became %q", d.Old, d.New)
	}
	if d.Why != "" {
		text += " (" + d.Why + ")"
	}
	if d.Convicts {
		s.item(indent, page.Red, "✗ convicts: ", page.Plain, "%s", text)
		return
	}
	s.item(indent, page.Plain, "· only told: ", page.Plain, "%s", text)
}

// noise shows where two pods of one revision differ by themselves, each place
// once with all the steps that have it.
func (s *sheet) noise(most int) {
	type place struct {
		kind  differ.Kind
		where string
		n     int
	}
	var places []place
	texts, steps := map[place]string{}, map[place][]string{}
	omitted := 0
	a, b := s.alike()
	for i := range min(len(a), len(b)) {
		x, y := a[i].Response, b[i].Response
		if x == nil || y == nil {
			continue
		}
		// What is compared with itself has no noise to mask: all of it is told.
		report := differ.Compare(x, x, y, differ.Options{Redact: s.redact})
		omitted += report.Omitted
		seen := map[place]int{}
		for _, d := range report.Differences {
			at := place{kind: d.Kind, where: d.Where}
			seen[at]++
			at.n = seen[at]
			if texts[at] == "" {
				places = append(places, at)
				texts[at] = fmt.Sprintf("%s at %s: %q and %q", d.Kind, d.Where, d.Old, d.New)
			}
			steps[at] = append(steps[at], a[i].Step)
		}
	}
	if len(places) == 0 {
		return
	}
	s.text(2, page.Plain, "masked as noise, since two plays on %s differ in it:", s.still())
	for n, at := range places {
		if n == most {
			s.text(4, page.Plain, "and %d more", len(places)-n+omitted)
			break
		}
		s.item(4, page.Plain, "~ ", page.Plain, "%s (%s)", texts[at], strings.Join(steps[at], ", "))
	}
}

// alike are two plays on one revision, the old one if there is one.
func (s *sheet) alike() (a, b []play.Exchange) {
	switch t := s.Trial; {
	case s.Old == nil && len(t.Old) == 1:
		return t.New.Exchanges, t.Old[0].Exchanges
	case len(t.Old) == 2:
		return t.Old[0].Exchanges, t.Old[1].Exchanges
	}
	return nil, nil
}

// still is the side whose noise is told.
func (s *sheet) still() string {
	if s.Old != nil {
		return s.Old.name()
	}
	return s.New.name()
}

// sample says what the daemon would have weighed.
func (s *sheet) sample() {
	s.page.Title("As a sample")
	if s.Old == nil && s.Trial != nil {
		s.text(2, page.Plain, "none: without a pod of another revision undog counts nothing but expectations that fail, play by play")
		return
	}
	x := &s.Sample
	text := fmt.Sprintf("%s of the new revision, %d failed; %s of the old one, %d failed",
		page.Count(x.New, "result"), x.NewFailed, page.Count(x.Old, "result"), x.OldFailed)
	switch {
	case x.New+x.Old == 0:
		text = "none: no pod gave a result"
	case x.New == 0:
		text += "; nothing was learned of the new revision"
	}
	s.text(2, page.Plain, "%s", text)
	if x.RetryAfter > 0 {
		s.text(2, page.Plain, "undog would wait %s before the next play", page.Span(x.RetryAfter))
	}
	if s.Trial == nil {
		for _, p := range x.Pods {
			if p.Failed {
				s.item(2, page.Red, "✗ ", page.Plain, "pod %s of the new revision failed", p.Name)
			}
		}
		for _, d := range x.Differences {
			s.item(2, page.Plain, "· only told: ", page.Plain, "%s at %s: %q became %q", d.Kind, d.Where, d.Old, d.New)
		}
	}
}
