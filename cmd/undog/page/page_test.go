package page_test

import (
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
)

func TestWidthIsKept(t *testing.T) {
	long := strings.Repeat("registry.example.com/team/", 8) + "web:1.0"
	for _, width := range []int{0, 60, 80, 1000} {
		p := page.New(width, false)
		p.Title("A title that is much longer than any line of a page may be, so that it goes on in the next line and on")
		p.Text(4, page.Plain, long+" and some words after it, "+strings.Repeat("漢字", 60))
		p.Item(2, page.Red, "✗ rule  ", page.Plain, strings.Repeat("some words ", 40))
		p.Table(2, []page.Column{{Head: "A", Right: true}, {Head: "IMAGES", Elastic: true}, {Head: "WHY"}},
			[][]string{{"1", long, strings.Repeat("because of this ", 20)}, {"10", "x", ""}})
		for line := range strings.Lines(p.String()) {
			line = strings.TrimSuffix(line, "\n")
			if n := page.Columns(line); n > min(max(width, page.Narrowest), page.Widest) {
				t.Errorf("width %d: a line of %d columns: %s", width, n, line)
			}
			if line != strings.TrimRight(line, " ") {
				t.Errorf("width %d: spaces at the end of %q", width, line)
			}
		}
	}
}

func TestNothingSteersTheTerminal(t *testing.T) {
	p := page.New(80, false)
	p.Item(0, page.Bold, "\x1b[2J", page.Red, "one\x1b[31m\ttwo\r\nthree\u202efour\u2028five\x00\xff")
	p.Table(0, []page.Column{{Head: "A"}, {Head: "B"}}, [][]string{{"a\nb", "c\x07"}})
	if got := p.String(); strings.ContainsAny(got, "\x1b\t\r\x00\x07\u202e\u2028") || strings.Count(got, "\n") != 3 {
		t.Errorf("%q", got)
	}
}

func TestColour(t *testing.T) {
	p := page.New(80, true)
	p.Item(0, page.Red, "x ", page.Plain, "text")
	if got := p.String(); got != "\x1b[31mx \x1b[0mtext\n" {
		t.Errorf("%q", got)
	}
}

func TestSpan(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"under a second": 300 * time.Millisecond,
		"45 s":           45*time.Second + 900*time.Millisecond,
		"89 s":           89 * time.Second,
		"1 min 30 s":     90 * time.Second,
		"5 min":          5 * time.Minute,
		"75 min":         75*time.Minute + 20*time.Second,
		"5 h 10 min":     5*time.Hour + 10*time.Minute,
		"2 days":         71 * time.Hour,
	} {
		if got := page.Span(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	now := time.Date(2026, 3, 4, 3, 0, 0, 0, time.UTC)
	for want, got := range map[string]string{
		"just now":            page.Ago(now.Add(2*time.Second), now),
		"3 min ago":           page.Ago(now.Add(-3*time.Minute), now),
		"02:57:00":            page.Clock(now.Add(-3*time.Minute), now),
		"2026-03-03 23:00:00": page.Clock(now.Add(-4*time.Hour), now),
		"2 pods":              page.Count(2, "pod"),
		"1 pod":               page.Count(int32(1), "pod"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestShortKeepsBothEnds(t *testing.T) {
	got := page.Short("registry.example.com/team/web:1.0.17", 20)
	if page.Columns(got) != 20 || !strings.HasPrefix(got, "regist") || !strings.HasSuffix(got, "web:1.0.17") {
		t.Errorf("%q", got)
	}
	if got := page.Short("web:1", 20); got != "web:1" {
		t.Errorf("%q", got)
	}
}
