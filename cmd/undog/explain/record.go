package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/cmd/undog/played"
	"github.com/undog-dev/undog/policy"
)

// RecordOf is the record on a revision: its own or, since a ReplicaSet may have
// been pruned and made anew, the newest on its template.
func RecordOf(records []policy.Record, r policy.RevisionRef) (policy.Record, bool) {
	var found policy.Record
	ok := false
	for _, rec := range records {
		if rec.Revision.UID == r.UID {
			return rec, true
		}
		if r.Template != "" && rec.Revision.Template == r.Template {
			found, ok = rec, true
		}
	}
	return found, ok
}

// Outcome is a record in a few words: the verdict and what was done about it.
func Outcome(rec policy.Record, rollbacks []policy.Rollback, now time.Time) string {
	if rec.Verdict == policy.Good {
		switch {
		case rec.Withdrawn != nil:
			return "good since " + page.Ago(rec.Withdrawn.At, now) + "; found bad before, withdrawn"
		case rec.Adopted:
			return "good before undog judged it"
		}
		return "good, " + page.Ago(rec.At, now)
	}
	if rec.Verdict == policy.Provisional {
		return "provisional: complete when it was replaced, not proven"
	}
	parts := []string{"bad: " + rec.Reason + ", " + page.Ago(rec.At, now)}
	undone := slices.IndexFunc(rollbacks, func(r policy.Rollback) bool { return r.DecisionID == rec.DecisionID && rec.DecisionID != "" })
	switch {
	case undone >= 0:
		parts = append(parts, "undone "+page.Ago(rollbacks[undone].At, now))
	case rec.Refused != nil:
		parts = append(parts, "not undone: "+rec.Refused.Reason)
	case rec.Action == policy.ActionNotify, rec.DecisionID == "":
		parts = append(parts, "only told")
	case rec.Action == policy.ActionPause:
		parts = append(parts, "paused")
	}
	if rec.Contested != nil {
		parts = append(parts, "contested "+page.Ago(rec.Contested.At, now))
	}
	if rec.Withdrawn != nil {
		parts = append(parts, "withdrawn "+page.Ago(rec.Withdrawn.At, now))
	}
	return strings.Join(parts, "; ")
}

// maxRecords is how many bad verdicts are told in full.
const maxRecords = 4

// records tells the bad verdicts on record in full, newest first.
func (s *sheet) records() {
	bad := slices.DeleteFunc(slices.Clone(s.Records), func(r policy.Record) bool {
		return r.Verdict == policy.Good && r.Withdrawn == nil
	})
	if len(bad) == 0 {
		return
	}
	s.page.Title("What undog did before")
	slices.Reverse(bad)
	for i, rec := range bad {
		if i == maxRecords {
			s.page.Text(2, page.Plain, fmt.Sprintf("and %s more; undog history %s has them all", page.Count(len(bad)-i, "verdict"), s.Workload))
			return
		}
		for _, e := range Chronicle(rec, s.Rollbacks, s.names()) {
			s.page.Item(2, page.Plain, page.Clock(e.At, s.now)+"  ", page.Plain, e.Text)
		}
		for _, c := range rec.Captured {
			for _, line := range played.Captured(c, 0) {
				s.page.Text(4, page.Plain, line)
			}
		}
	}
}

// Entry is something that happened to a revision.
type Entry struct {
	At   time.Time
	Text string
}

// Name calls a revision what people know it by.
type Name func(policy.RevisionRef) string

// names knows the numbers that revisions have by now: one that was returned to
// has another than it had when it was judged.
func (s *sheet) names() Name {
	return func(r policy.RevisionRef) string {
		for i := range s.Revisions {
			if now := &s.Revisions[i]; now.UID == r.UID && now.Number != r.Number && now.Number > 0 && r.Number > 0 {
				return fmt.Sprintf("%s, now %d,", named(r), now.Number)
			}
		}
		return named(r)
	}
}

// Chronicle is what a record tells, in the order in which it happened.
func Chronicle(rec policy.Record, rollbacks []policy.Rollback, name Name) []Entry {
	subject := name(rec.Revision)
	if rec.Verdict == policy.Good && rec.Withdrawn == nil {
		return []Entry{{rec.At, subject + " was found good: " + sentence(rec.Reason, rec.Message)}}
	}
	var all []Entry
	if rec.Verdict == policy.Bad {
		all = append(all, Entry{rec.At, subject + " was found bad: " + sentence(rec.Reason, rec.Message)})
	}
	for _, r := range rollbacks {
		if r.DecisionID == rec.DecisionID && rec.DecisionID != "" {
			all = append(all, Entry{r.At, subject + " was undone: back to " + strings.TrimSuffix(name(rec.Target), ",")})
		}
	}
	for _, n := range []struct {
		note *policy.Note
		text string
	}{
		{rec.Refused, " was not undone: "},
		{rec.Contested, " came back after it was undone: "},
		{rec.Withdrawn, " is good after all: "},
	} {
		if n.note != nil {
			all = append(all, Entry{n.note.At, subject + n.text + sentence(n.note.Reason, n.note.Message)})
		}
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return a.At.Compare(b.At) })
	return all
}

// sentence joins a reason with its message.
func sentence(reason, message string) string {
	switch {
	case message == "":
		return reason
	case reason == "" || strings.HasPrefix(message, reason):
		return message
	}
	return reason + ", " + message
}
