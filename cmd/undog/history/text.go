package history

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/undog-dev/undog/cmd/undog/explain"
	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/cmd/undog/played"
	"github.com/undog-dev/undog/policy"
)

// WriteJSON writes the history for programs.
func (h *History) WriteJSON(out io.Writer) error {
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the history: %w", err)
	}
	if _, err := out.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return nil
}

// Lay lays the history out for people; times are told in a zone.
func (h *History) Lay(p *page.Page, zone *time.Location) {
	now := h.At.In(zone)
	p.Text(0, page.Bold, fmt.Sprintf("%s: %s, newest first", h.Workload, page.Count(len(h.Revisions)+h.Cut, "revision")))
	for _, note := range h.Notes {
		p.Item(0, page.Yellow, "! ", page.Plain, note)
	}
	for i := range h.Revisions {
		h.lay(p, &h.Revisions[i], now)
	}
	if h.Cut > 0 {
		p.Text(0, page.Plain, fmt.Sprintf("and %s", page.Count(h.Cut, "older revision")))
	}
}

func (h *History) lay(p *page.Page, r *Revision, now time.Time) {
	p.Title(h.title(r))
	p.Item(2, page.Plain, "made     ", page.Plain, made(r, now))
	p.Item(2, page.Plain, "images   ", page.Plain, strings.Join(r.Images, " "))
	mark, style := "–", page.Plain
	if r.Record != nil {
		if mark, style = "✗", page.Red; r.Record.Verdict == policy.Good {
			mark, style = "✓", page.Green
		} else if r.Record.Verdict == policy.Provisional {
			mark, style = "–", page.Plain
		}
		p.Item(2, page.Plain, "verdict  ", style, mark+" "+explain.Outcome(*r.Record, r.Undone, now))
		for _, e := range explain.Chronicle(*r.Record, r.Undone, it) {
			p.Item(11, page.Plain, page.Clock(e.At, now)+"  ", page.Plain, e.Text)
		}
		shown(p, r.Record)
	} else {
		p.Item(2, page.Plain, "verdict  ", style, mark+" none on record")
	}
	for _, rb := range r.Returned {
		p.Item(2, page.Plain, "returned ", page.Plain, fmt.Sprintf("to by undog at %s%s", page.Clock(rb.At, now), h.from(rb)))
	}
	changes(p, r)
}

// shown is what a verdict rests on, beside what Kubernetes said of the pods.
func shown(p *page.Page, rec *policy.Record) {
	for _, c := range rec.Checks {
		p.Text(11, page.Plain, played.Sentence(c, 0))
		for _, line := range played.Details(c) {
			p.Text(13, page.Plain, line)
		}
	}
	if r := rec.Reported; r != nil {
		p.Text(11, page.Plain, played.Reported(*r))
	}
	for _, c := range rec.Captured {
		for _, line := range played.Captured(c, maxLines) {
			p.Text(11, page.Plain, line)
		}
	}
}

// maxLines is how many lines of a log the text has; undog explain has all that
// are kept.
const maxLines = 5

// it is what a revision is called below its own title.
func it(r policy.RevisionRef) string {
	if r.Number == 0 {
		return "it"
	}
	return fmt.Sprintf("revision %d", r.Number)
}

// from names the revision that an undo undid.
func (h *History) from(rb policy.Rollback) string {
	for i := range h.Revisions {
		if r := &h.Revisions[i]; r.UID == rb.From {
			return fmt.Sprintf(", from revision %d", r.Number)
		}
	}
	return ""
}

func (h *History) title(r *Revision) string {
	text := fmt.Sprintf("Revision %d", r.Number)
	if r.Earlier != "" {
		text += " (" + r.Earlier + " before)"
	}
	if r.Name != "" {
		text += ", " + r.Name
	}
	switch {
	case r.UID == h.Current:
		return fmt.Sprintf("%s: current, %d of %s ready", text, r.Ready, page.Count(r.Pods, "pod"))
	case r.Pruned:
		return text + ": its ReplicaSet is gone, undog's ledger has it"
	case r.Pods > 0:
		return fmt.Sprintf("%s: still %s, %d ready", text, page.Count(r.Pods, "pod"), r.Ready)
	}
	return text
}

// made says when and by whom.
func made(r *Revision, now time.Time) string {
	text := "at a time that is no longer known"
	if !r.CreatedAt.IsZero() {
		text = page.Clock(r.CreatedAt, now) + ", " + page.Ago(r.CreatedAt, now)
	}
	if r.ChangedBy != "" {
		text += "; template last written by " + r.ChangedBy
		if !r.ChangedAt.IsZero() {
			text += " at " + page.Clock(r.ChangedAt, now)
		}
	}
	// undog's own stays on the Deployment when somebody else changes it next.
	if r.ChangeCause != "" && !strings.HasPrefix(r.ChangeCause, "undog: ") {
		text += "; cause given: " + r.ChangeCause
	}
	return text
}

// maxChanges is how many changes of a revision the text has.
const maxChanges = 12

// changes says what changed against the revision before.
func changes(p *page.Page, r *Revision) {
	const label = "changed  "
	switch {
	case r.Against == 0 && len(r.Changes) == 0:
		return
	case r.Against == 0:
		p.Item(2, page.Plain, label, page.Plain, "against the revision before it:")
	case len(r.Changes) == 0:
		p.Item(2, page.Plain, label, page.Plain, fmt.Sprintf("nothing against revision %d", r.Against))
		return
	default:
		p.Item(2, page.Plain, label, page.Plain, fmt.Sprintf("against revision %d:", r.Against))
	}
	for i, c := range r.Changes {
		if i == maxChanges {
			p.Text(11, page.Plain, fmt.Sprintf("and %s more; -o json has them all", page.Count(len(r.Changes)-i, "change")))
			return
		}
		p.Text(11, page.Plain, explain.Change(c))
	}
}
