package events

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/notify"
)

// writeText writes the event for people: a line that says what happened, and
// below it, indented, the revisions and the evidence.
func writeText(out io.Writer, e notify.Event, zone *time.Location) error {
	noun, verb, err := e.Kind()
	if err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	d := e.Data
	lines := []string{fmt.Sprintf("%s  %s/%s  %s.%s  %s",
		e.Time.In(zone).Format(time.DateTime), d.Workload.Namespace, d.Workload.Name, noun, verb, because(d))}
	if r := revisions(d); r != "" {
		lines = append(lines, r)
	}
	for _, c := range d.Changes {
		lines = append(lines, "changed "+change(c))
	}
	for _, f := range d.Failures {
		lines = append(lines, failure(f))
	}
	lines = append(lines, shown(d)...)
	lines = append(lines, captured(d, 0)...)
	if c := d.Cut; c != nil && c.Failures+c.Changes+c.Checks > 0 {
		lines = append(lines, cut(c))
	}
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteString("    ")
		}
		b.WriteString(page.Clean(line))
		b.WriteByte('\n')
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	return nil
}

func because(d notify.Data) string {
	switch {
	case d.Message == "":
		return d.Reason
	case d.Reason == "":
		return d.Message
	}
	return d.Reason + ": " + d.Message
}

func revisions(d notify.Data) string {
	var parts []string
	if d.Revision.Name != "" || d.Revision.Number > 0 {
		parts = append(parts, "revision "+revision(d.Revision))
	}
	if d.Target.Name != "" || d.Target.Number > 0 {
		parts = append(parts, "target "+revision(d.Target))
	}
	return strings.Join(parts, ", ")
}

// revision is as much as there is of number, name and images.
func revision(r notify.Revision) string {
	s := r.Name
	if r.Number > 0 {
		s = fmt.Sprintf("%d (%s)", r.Number, r.Name)
	}
	if len(r.Images) > 0 {
		s += " " + strings.Join(r.Images, " ")
	}
	return s
}

func change(c notify.Change) string {
	switch {
	case c.From == "" && c.To == "":
		return c.Path
	case c.From == "":
		return c.Path + ": now " + c.To
	case c.To == "":
		return c.Path + ": no longer " + c.From
	}
	return c.Path + ": " + c.From + " → " + c.To
}

func failure(f notify.Failure) string {
	var b strings.Builder
	b.WriteString(f.Reason)
	if f.ExitCode != nil {
		fmt.Fprintf(&b, " (exit code %d)", *f.ExitCode)
	}
	if f.Container != "" {
		if f.Init {
			b.WriteString(" in init container ")
		} else {
			b.WriteString(" in container ")
		}
		b.WriteString(f.Container)
	}
	fmt.Fprintf(&b, ", %s on %s", plural(f.Count, "time"), plural(f.Pods, "pod"))
	if len(f.Samples) > 0 {
		b.WriteString(", as in " + strings.Join(f.Samples, ", "))
	}
	if f.Message != "" {
		b.WriteString(": " + f.Message)
	}
	return b.String()
}

func plural(n int32, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
