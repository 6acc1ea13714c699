package history

import (
	"github.com/undog-dev/undog/cmd/undog/snapshot"
	"github.com/undog-dev/undog/watcher/template"
)

const (
	// changeCause is the annotation by which people say why they changed something.
	changeCause = "kubernetes.io/change-cause"
	// earlier holds the numbers that a ReplicaSet had before, separated by commas.
	earlier = "deployment.kubernetes.io/revision-history"
)

// From is the whole history, with what each revision changed.
func From(s *snapshot.Snapshot) History {
	h := Of(s.Observation)
	h.Notes = s.Notes
	said := map[string]map[string]string{}
	for _, rs := range s.ReplicaSets {
		said[string(rs.UID)] = rs.Annotations
	}
	for i := range h.Revisions {
		r := &h.Revisions[i]
		r.ChangeCause, r.Earlier = said[r.UID][changeCause], said[r.UID][earlier]
		h.compare(s, i)
	}
	return h
}

// compare tells what a revision changed against the newest before it whose
// template is still known; failing that, what the ledger says it changed.
func (h *History) compare(s *snapshot.Snapshot, i int) {
	r := &h.Revisions[i]
	to := s.Template(r.UID)
	for _, before := range h.Revisions[i+1:] {
		if from := s.Template(before.UID); to != nil && from != nil && before.Number < r.Number {
			r.Against, r.Changes = before.Number, template.Diff(from, to)
			return
		}
	}
	// The one before may have a higher number by now: it was returned to.
	if rec := r.Record; rec != nil && rec.Revision.UID == r.UID && len(rec.Changes) > 0 {
		r.Against, r.Changes = rec.Target.Number, rec.Changes
	}
}
