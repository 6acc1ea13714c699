package policy

import (
	"fmt"
	"slices"
)

// withdraw takes a conviction back when the revision that undog returned to
// fails in the very way that convicted the other one: then it was not the
// release. There is no second undo, whatever is true. It reports whether it did.
func (e *Engine) withdraw(w *workload, c *Case) bool {
	rec, ok := w.undoneRecord(c.Revision.UID)
	if !ok || rec.Withdrawn != nil || w.pending != nil {
		return false
	}
	f := c.find()
	if f.Level != Convicting || f.Reason != rec.Reason || !anyAlike(f.Failures, rec.Failures) {
		e.wakeBy(w, f.WakeAt, c.At)
		return false
	}
	rec.Withdrawn = &Note{At: c.At, Reason: "TargetFailsToo", Message: fmt.Sprintf(
		"revision %d, proven before, fails in the same way after the undo: %s", c.Revision.Number, f.Message)}
	e.act(w, Decision{Kind: Remember, From: rec.Revision, To: rec.Target, Record: rec}, "withdrawn")
	return true
}

// undoneFor is the revision whose undo led to a transition about the revision
// that undog returned to, "" if none did.
func (w *workload) undoneFor(t Transition) string {
	if t.Kind != RolloutRecovered && (t.Kind != RolloutHeld || w.phase != RolledBack) {
		return ""
	}
	rec, ok := w.undoneRecord(t.Revision.UID)
	if !ok || rec.Revision.UID == t.Revision.UID {
		return ""
	}
	return rec.Revision.UID
}

// anyAlike tells whether two sets of failures have one in common.
func anyAlike(a, b []Failure) bool {
	return slices.ContainsFunc(a, func(x Failure) bool {
		return slices.ContainsFunc(b, func(y Failure) bool { return alike(x, y) })
	})
}

// undoneRecord is the conviction that undog's last undo, to a revision, was made for.
func (w *workload) undoneRecord(to string) (Record, bool) {
	var last Rollback
	for _, set := range [2][]Rollback{w.obs.Rollbacks, w.written.get().undone} {
		for _, rb := range set {
			if rb.To == to && !rb.At.Before(last.At) {
				last = rb
			}
		}
	}
	if last.DecisionID == "" {
		return Record{}, false
	}
	found, ok := Record{}, false
	for _, set := range [2][]Record{w.obs.Records, w.written.get().known} {
		for _, rec := range set {
			if rec.DecisionID == last.DecisionID && (!ok || newer(rec, found)) {
				found, ok = rec, true
			}
		}
	}
	return found, ok
}
