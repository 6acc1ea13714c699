package events

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/notify"
)

// maxTimeline bounds the events that a timeline is made of.
const maxTimeline = 20_000

// timeline collects events, and tells them rollout by rollout.
type timeline struct {
	events []notify.Event
	seen   map[string]bool
}

// add takes an event; the stream may have it twice.
func (t *timeline) add(e notify.Event) error {
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	if t.seen[e.ID] {
		return nil
	}
	if len(t.events) >= maxTimeline {
		return fmt.Errorf("more than %d events are no timeline: ask for less with --since, --namespace or --deployment", maxTimeline)
	}
	t.seen[e.ID] = true
	t.events = append(t.events, e)
	return nil
}

// write tells the rollouts, the one that began first at the top.
func (t *timeline) write(out io.Writer, zone *time.Location) error {
	slices.SortStableFunc(t.events, func(a, b notify.Event) int {
		return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.Sequence, b.Sequence))
	})
	threads := map[string][]notify.Event{}
	var order []string
	for _, e := range t.events {
		key := cmp.Or(e.CorrelationID, e.ID)
		if threads[key] == nil {
			order = append(order, key)
		}
		threads[key] = append(threads[key], e)
	}
	var b strings.Builder
	for i, key := range order {
		if i > 0 {
			b.WriteByte('\n')
		}
		tell(&b, threads[key], zone)
	}
	if len(order) == 0 {
		b.WriteString("no events\n")
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("write timeline: %w", err)
	}
	return nil
}

// tell writes one rollout: what it is of, and what happened when.
func tell(b *strings.Builder, thread []notify.Event, zone *time.Location) {
	first := thread[0]
	head := first.Data.Workload.Namespace + "/" + first.Data.Workload.Name
	if r := revision(first.Data.Revision); r != "" {
		head += "  revision " + r
	}
	if by := author(thread); by != "" {
		head += "  released by " + by
	}
	fmt.Fprintf(b, "%s\n", page.Clean(head))
	for i, e := range thread {
		at := e.Time.In(zone).Format(time.DateTime)
		if i > 0 {
			at = after(e.Time.Sub(first.Time))
		}
		noun, verb, err := e.Kind()
		if err != nil {
			continue
		}
		name := noun + "." + verb
		if e.CausationID != "" && slices.ContainsFunc(thread[:i], func(c notify.Event) bool { return c.ID == e.CausationID }) {
			name = "↳ " + name
		}
		text := e.Data.Message
		if e.SeverityNumber > int(notify.Info) {
			text = because(e.Data)
		}
		fmt.Fprintf(b, "  %19s  %-21s  %s\n", at, name, page.Clean(text))
		// What follows from the verdict says the same again.
		if name := noun + "." + verb; name == "verdict.bad" {
			for _, line := range captured(e.Data, maxLines) {
				fmt.Fprintf(b, "  %19s  %s\n", "", page.Clean(line))
			}
		}
	}
}

// after is how long after the beginning something happened.
func after(d time.Duration) string {
	if d < 100*time.Second {
		return fmt.Sprintf("+%.1f s", d.Seconds())
	}
	return "+" + page.Span(d)
}

// author is who released the revision, if an event of the thread says so.
func author(thread []notify.Event) string {
	for _, e := range thread {
		switch by := e.Data.By; {
		case by == nil:
		case by.Tool != "" && by.FieldManager != "":
			return by.FieldManager + " (" + by.Tool + ")"
		default:
			return by.FieldManager + by.Tool
		}
	}
	return ""
}
