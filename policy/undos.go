package policy

import "time"

// aheadOfTime is by how much another undog's clock may be ahead.
const aheadOfTime = time.Hour

// withOwnUndos is the observation without the undos that are not this
// workload's. They are remembered in an annotation, which travels with a
// manifest that is copied from one workload to another: what was undone there
// says nothing here. An undo dated in the future happened, but nobody knows when.
func (o *Observation) withOwnUndos() *Observation {
	doubtful := false
	for _, r := range o.Rollbacks {
		doubtful = doubtful || !o.ours(r) || r.At.Sub(o.At) > aheadOfTime
	}
	if !doubtful {
		return o
	}
	next := *o
	next.Rollbacks = nil
	for _, r := range o.Rollbacks {
		if r.At.Sub(o.At) > aheadOfTime {
			r.At = time.Time{}
		}
		if o.ours(r) {
			next.Rollbacks = append(next.Rollbacks, r)
		}
	}
	return &next
}

// ours tells whether an undo was of this workload. One that does not name its
// workload was written before undos did: its revisions tell.
func (o *Observation) ours(r Rollback) bool {
	if r.Workload != "" {
		return r.Workload == o.Workload.UID
	}
	for _, rev := range o.Whole().Revisions {
		if uid := rev.UID; uid == r.From || uid == r.To {
			return true
		}
	}
	for i := range o.Records {
		if uid := o.Records[i].Revision.UID; uid == r.From || uid == r.To {
			return true
		}
	}
	return false
}
