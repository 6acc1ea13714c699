package policy

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Idle is the revisions of a workload that have nothing to show: they have no
// pods and are not asked for any, nothing is known to have failed in them, and
// their template is not the workload's. A workload has ten of them, and of what
// is judged next to nothing depends on any, so that they are made only for
// whoever asks. What an Idle says never changes.
type Idle interface {
	// Revisions makes them, sorted by Number, then UID.
	Revisions() []Revision
	// Newest makes the last of them alone; of several with its Number, the first.
	Newest() Revision
	// Slowest is the longest SlowestReady and SlowestInit among them.
	Slowest() (ready, init time.Duration)
}

// Whole is the observation with its idle revisions among the others.
func (o *Observation) Whole() *Observation {
	if o.Idle == nil {
		return o
	}
	whole := *o
	whole.Idle = nil
	whole.Revisions = append(o.Idle.Revisions(), o.Revisions...)
	slices.SortFunc(whole.Revisions, func(a, b Revision) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), strings.Compare(a.UID, b.UID))
	})
	return &whole
}

// slowestOther is the longest SlowestReady and SlowestInit of any other revision.
func (o *Observation) slowestOther(rev *Revision) (ready, init time.Duration) {
	if o.Idle != nil {
		ready, init = o.Idle.Slowest()
	}
	for i := range o.Revisions {
		if r := &o.Revisions[i]; r.UID != rev.UID {
			ready, init = max(ready, r.SlowestReady), max(init, r.SlowestInit)
		}
	}
	return ready, init
}
