package checkrun

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/play"
)

// DefaultLines is how many lines of each body are shown.
const DefaultLines = 8

// Lay lays the result out for people, with so many lines of each body.
func (r *Result) Lay(p *page.Page, lines int) {
	s := sheet{Result: r, page: p, lines: lines}
	s.head()
	if r.Trial != nil {
		for i := range r.Trial.New.Exchanges {
			s.exchange(i)
		}
		s.comparison()
	} else if text := r.Sample.Result.Excerpt; text != "" {
		s.page.Title("What was found")
		s.item(2, page.Plain, "│ ", page.Plain, "%s", clip(text, maxLine))
	}
	s.sample()
}

// sheet is a result on its way to the page.
type sheet struct {
	*Result

	page  *page.Page
	lines int
}

// text writes a paragraph. Whatever is in it may come from a pod.
func (s *sheet) text(indent int, style page.Style, format string, args ...any) {
	s.item(indent, page.Plain, "", style, format, args...)
}

func (s *sheet) item(indent int, markStyle page.Style, mark string, style page.Style, format string, args ...any) {
	s.page.Item(indent, markStyle, mark, style, visible(fmt.Sprintf(format, args...)))
}

func (s *sheet) head() {
	style := map[check.Outcome]page.Style{check.Passed: page.Green, check.Failed: page.Red, check.Inconclusive: page.Yellow}
	if s.page.String() != "" {
		s.text(0, page.Plain, "")
	}
	s.text(0, style[s.Judged().Outcome], "%s", s.Sentence())
	s.side("new", &s.New)
	if s.Old != nil {
		s.side("old", s.Old)
	}
}

func (s *sheet) side(mark string, side *Side) {
	text := strings.Join(side.Pods, ", ")
	if side.Revision > 0 {
		text = fmt.Sprintf("revision %d (%s): %s", side.Revision, strings.Join(side.Images, ", "), text)
	}
	s.item(2, page.Plain, mark+"  ", page.Plain, "%s", text)
}

// exchange shows one step as the new pod answered it, and in a line how the
// others did.
func (s *sheet) exchange(i int) {
	x, made := &s.Trial.New.Exchanges[i], &s.Trial.New
	s.page.Title(visible(fmt.Sprintf("%d. %s", i+1, x.Step)))
	if x.Method != "" {
		s.item(2, page.Plain, "→ ", page.Plain, "%s %s", x.Method, x.Path)
	}
	if x.Response != nil {
		s.answer(made, x.Response)
	}
	for _, e := range x.Expectations {
		s.expectation(2, e)
	}
	for _, c := range x.Captures {
		s.captured(c)
	}
	if r := &made.Result; r.Step == x.Step && i == len(made.Exchanges)-1 && r.Outcome == check.Inconclusive && !told(x) {
		s.item(2, page.Yellow, "? ", page.Plain, "%s: %s", r.Reason, r.Message)
	}
	for j := range s.Trial.Old {
		s.other(j, i)
	}
}

// told tells whether an expectation says already why nobody knows.
func told(x *play.Exchange) bool {
	for _, e := range x.Expectations {
		if !e.Held {
			return true
		}
	}
	return false
}

func (s *sheet) answer(made *play.Play, r *check.Response) {
	facts := []string{strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status)))}
	for _, name := range []string{"Content-Type", "Location", "Retry-After"} {
		if v := r.Header.Get(name); v != "" {
			if name != "Content-Type" {
				v = name + ": " + v
			}
			facts = append(facts, clip(s.redact(v), maxHeader))
		}
	}
	size := page.Count(len(r.Body), "byte")
	if r.Truncated {
		size = "more than " + size
	}
	facts = append(facts, size, span(r.Took))
	if r.Redirects > 0 {
		facts = append(facts, fmt.Sprintf("after %s to %s", page.Count(r.Redirects, "redirect"), clip(s.redact(r.Path), maxHeader)))
	}
	s.item(2, page.Plain, "← ", page.Plain, "%s", strings.Join(facts, ", "))
	if names := cookies(r.Header); len(names) > 0 {
		s.text(4, page.Plain, "sets %s", strings.Join(names, ", "))
	}
	for _, line := range excerpt(made.Redact(string(r.Body)), r.Header.Get("Content-Type"), s.lines) {
		s.item(4, page.Plain, "│ ", page.Plain, "%s", line)
	}
}

// cookies are their names, without values.
func cookies(h http.Header) []string {
	var names []string
	for _, line := range h.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil && len(names) < 8 {
			names = append(names, "cookie "+clip(c.Name, 40))
		}
	}
	return names
}

func (s *sheet) expectation(indent int, e play.Expectation) {
	switch {
	case e.Held:
		s.item(indent, page.Green, "✓ ", page.Plain, "%s", e.Text)
	case e.Reason != "":
		s.item(indent, page.Yellow, "? ", page.Plain, "%s: %s (%s)", e.Text, e.Message, e.Reason)
	default:
		s.item(indent, page.Red, "✗ ", page.Plain, "%s: %s", e.Text, e.Message)
	}
}

func (s *sheet) captured(c play.Captured) {
	if c.Value != "" {
		s.item(2, page.Plain, "= ", page.Plain, "%s is %q", c.Name, c.Value)
		return
	}
	s.item(2, page.Plain, "= ", page.Plain, "%s is %s long, kept secret", c.Name, page.Count(c.Length, "byte"))
}

// other says how another pod answered the same step.
func (s *sheet) other(j, i int) {
	made := &s.Trial.Old[j]
	mark := "old  "
	if s.Old == nil {
		mark = "again  "
	}
	if i >= len(made.Exchanges) {
		s.item(2, page.Plain, mark, page.Plain, "%s: did not come to this step", made.Result.Pod)
		return
	}
	x := &made.Exchanges[i]
	if x.Response == nil {
		s.item(2, page.Plain, mark, page.Plain, "%s: %s (%s)", made.Result.Pod, made.Result.Message, made.Result.Reason)
		return
	}
	held := 0
	for _, e := range x.Expectations {
		if e.Held {
			held++
		}
	}
	text := fmt.Sprintf("%s: %d, %s", made.Result.Pod, x.Response.Status, span(x.Response.Took))
	if n := len(x.Expectations); n > 0 {
		text += fmt.Sprintf(", %d of %s held", held, page.Count(n, "expectation"))
	}
	s.item(2, page.Plain, mark, page.Plain, "%s", text)
	for _, e := range x.Expectations {
		if !e.Held {
			s.expectation(2+len(mark), e)
		}
	}
	if r := &made.Result; r.Step == x.Step && r.Outcome == check.Inconclusive && !told(x) {
		s.item(2+len(mark), page.Yellow, "? ", page.Plain, "%s: %s", r.Reason, r.Message)
	}
}

// redact takes out what any of the plays knows as a secret.
func (s *sheet) redact(text string) string {
	if s.Trial == nil {
		return text
	}
	text = s.Trial.New.Redact(text)
	for i := range s.Trial.Old {
		text = s.Trial.Old[i].Redact(text)
	}
	return text
}

// span is a short time.
func span(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return page.Span(d)
}
