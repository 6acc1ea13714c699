package main

import (
	"fmt"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy/freeze"
)

// frozen says when the freeze windows of a policy are, and what is odd about them.
func frozen(p config.Policy, now time.Time) (lines, odd []string) {
	var weekly []freeze.Window
	for _, text := range p.Freeze {
		w, err := text.Parse()
		if err != nil {
			odd = append(odd, err.Error())
			continue
		}
		if !w.Dated {
			weekly = append(weekly, w)
		}
		line := fmt.Sprintf("only observes during %s: %s", w.Name, w)
		switch s, ok := w.At(now); {
		case !ok:
			line += "; over"
			odd = append(odd, fmt.Sprintf("the freeze window %s is over; remove it or correct its dates", w.Name))
		case now.Before(s.Start):
			line += fmt.Sprintf("; next %s to %s", both(s.Start), both(s.End))
		default:
			line += "; now, " + lasts(w, now)
		}
		lines = append(lines, line)
	}
	if ask := freeze.Frozen(weekly); ask != nil {
		const week = 7 * 24 * time.Hour
		if _, until, is := ask(now); is && until.Sub(now) > week {
			odd = append(odd, "its freeze windows leave no time in which undog acts; if that is meant, write action: notify")
		}
	}
	return lines, odd
}

// month is longer than any windows of the week follow each other that ever end.
const month = 31 * 24 * time.Hour

// lasts says until when a window holds that holds now, with those of the following
// days that it goes over into.
func lasts(w freeze.Window, now time.Time) string {
	_, until, _ := freeze.Frozen([]freeze.Window{w})(now)
	if !w.Dated && until.Sub(now) >= month {
		return fmt.Sprintf("and never over (explain looks as far as %s)", both(until))
	}
	return "until " + both(until)
}

// both writes a time in its own zone and in UTC.
func both(t time.Time) string {
	text := t.Format("Mon 2006-01-02 15:04 MST")
	if name, offset := t.Zone(); name == "UTC" && offset == 0 {
		return text
	}
	return text + t.UTC().Format(" (2006-01-02 15:04 UTC)")
}
