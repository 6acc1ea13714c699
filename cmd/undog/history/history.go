package history

import (
	"cmp"
	"slices"
	"time"

	"github.com/undog-dev/undog/cmd/undog/explain"
	"github.com/undog-dev/undog/policy"
)

// MaxRevisions is how many revisions a History holds, the newest.
const MaxRevisions = 100

// History is the revisions of a Deployment, newest first.
type History struct {
	At       time.Time       `json:"at"`
	Cluster  string          `json:"cluster,omitempty"`
	Workload policy.Workload `json:"workload"`
	// Current is the UID of the revision whose template the Deployment has, ""
	// if there is none yet.
	Current   string     `json:"current,omitempty"`
	Revisions []Revision `json:"revisions"`
	// Cut counts older revisions that were left out.
	Cut   int      `json:"cut,omitempty"`
	Notes []string `json:"notes,omitempty"`
}

// Revision is one revision with what is known of it.
type Revision struct {
	policy.RevisionRef

	CreatedAt time.Time `json:"createdAt,omitzero"`
	// Pruned says that its ReplicaSet is gone: only undog's ledger has it.
	Pruned bool  `json:"pruned,omitempty"`
	Pods   int32 `json:"pods"`
	Ready  int32 `json:"ready"`
	// Earlier is the numbers that it had before it was returned to.
	Earlier string `json:"earlier,omitempty"`
	// Record is the verdict on it, Undone undog's own undos of it and Returned
	// those that led back to it.
	Record   *policy.Record    `json:"record,omitempty"`
	Undone   []policy.Rollback `json:"undone,omitempty"`
	Returned []policy.Rollback `json:"returned,omitempty"`
	// ChangedBy is the field manager that wrote the template, and ChangedAt
	// when; known of the current revision only.
	ChangedBy string    `json:"changedBy,omitempty"`
	ChangedAt time.Time `json:"changedAt,omitzero"`
	// ChangeCause is the annotation that kubectl rollout history shows.
	ChangeCause string `json:"changeCause,omitempty"`
	// Against is the number of the revision that Changes is the difference to.
	Against int64           `json:"against,omitempty"`
	Changes []policy.Change `json:"changes,omitempty"`
}

// Of is the history as an observation has it: without what changed.
func Of(o *policy.Observation) History {
	h := History{At: o.At, Workload: o.Workload}
	for i := range o.Revisions {
		r := &o.Revisions[i]
		h.Revisions = append(h.Revisions, Revision{RevisionRef: r.RevisionRef, CreatedAt: r.CreatedAt, Pods: r.Pods, Ready: r.Ready})
	}
	for _, rec := range o.Records {
		if !slices.ContainsFunc(h.Revisions, func(r Revision) bool { return r.UID == rec.Revision.UID }) {
			h.Revisions = append(h.Revisions, Revision{RevisionRef: rec.Revision, Pruned: true})
		}
	}
	slices.SortStableFunc(h.Revisions, func(a, b Revision) int {
		return cmp.Or(cmp.Compare(b.Number, a.Number), b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.UID, b.UID))
	})
	if cut := len(h.Revisions) - MaxRevisions; cut > 0 {
		h.Revisions, h.Cut = h.Revisions[:MaxRevisions], cut
	}
	for i := range h.Revisions {
		h.Revisions[i].tell(o)
		if r := &h.Revisions[i]; h.Current == "" && !r.Pruned && r.Template == o.Template {
			h.Current, r.ChangedBy, r.ChangedAt = r.UID, o.EditedBy, o.EditedAt
		}
	}
	return h
}

// tell adds what was thought of a revision and done about it.
func (r *Revision) tell(o *policy.Observation) {
	if rec, ok := explain.RecordOf(o.Records, r.RevisionRef); ok {
		r.Record = &rec
	}
	for _, rb := range o.Rollbacks {
		if rb.From == r.UID || r.Record != nil && r.Record.DecisionID != "" && rb.DecisionID == r.Record.DecisionID {
			r.Undone = append(r.Undone, rb)
		}
		if rb.To == r.UID {
			r.Returned = append(r.Returned, rb)
		}
	}
}
