package policy

import "time"

// readiness is how much of a workload is ready when all is well. Some are not
// meant to be ready in every pod: the standbys of a leader, for example.
type readiness struct {
	// own is how much of the revision was ready when last it stood still: what
	// was not ready then had not been for as long as convicts. Zero if it never did.
	own share
	// before is the same of the revision that it replaced.
	before share
	// starts is how its containers start when all is well, and startsBefore
	// how those of the revision that it replaced did.
	starts, startsBefore apart[starts]
	// short is since when fewer pods are ready, over all revisions, than before.
	short time.Time
}

// share is how many of some pods are ready.
type share struct{ ready, pods int32 }

// standing is how much of a revision is ready, if it stands still.
func (r *Revision) standing(at time.Time, within time.Duration) share {
	if r.Pods == 0 || r.Started < r.Pods {
		return share{}
	}
	for _, since := range r.Waiting {
		if at.Sub(since) < within {
			return share{}
		}
	}
	return share{r.Ready, r.Pods}
}

// handOver is what the next revision has to compare itself with: what its
// predecessor was when it last stood still.
func (w *workload) handOver(previous RevisionRef, p *Policy, at time.Time) readiness {
	old := w.rollout
	if old.revision.UID == previous.UID && old.readiness.own.pods > 0 {
		return readiness{before: old.readiness.own, startsBefore: w.startsBefore(previous).apart()}
	}
	for i := range w.obs.Revisions {
		if r := &w.obs.Revisions[i]; r.UID == previous.UID {
			return readiness{before: r.standing(at, derivedReadyWithin(w.obs, r, p)), startsBefore: w.startsBefore(previous).apart()}
		}
	}
	return readiness{startsBefore: w.startsBefore(previous).apart()}
}

// see takes in how much is ready now.
func (n *readiness) see(o *Observation, rev *Revision, p *Policy, at time.Time) {
	if s := rev.standing(at, derivedReadyWithin(o, rev, p)); s.pods > 0 {
		n.own = s
	}
	if s, known := rev.starting(); known {
		n.starts = s.apart()
	}
	switch {
	case o.ready() >= n.before.ready:
		n.short = time.Time{}
	case n.short.IsZero():
		n.short = at
	}
}

// ready counts the ready pods of all revisions.
func (o *Observation) ready() int32 {
	var n int32
	for i := range o.Revisions {
		n += o.Revisions[i].Ready
	}
	return n
}

// standbys tells whether the pods of the revision that are not ready are meant
// to be so, as far as the revision before it shows: no more than half of its
// pods were ready, and now as large a share is, or as many are in all revisions
// together, or were until a moment ago. Then until says until when that holds.
// A revision known to be bad is no measure as long as there is a better one.
func (c *Case) standbys() (until time.Time, yes bool) {
	if c.workload == nil {
		return time.Time{}, false
	}
	n := c.workload.rollout.readiness
	if n.before.ready < 1 || n.before.pods < 2*n.before.ready {
		return time.Time{}, false
	}
	if rec, known := c.workload.record(c.workload.rollout.previous.get()); known && rec.Verdict == Bad {
		if _, better := c.target(); better {
			return time.Time{}, false
		}
	}
	r := c.Revision
	if n.short.IsZero() || r.Ready > 0 && r.Ready*n.before.pods >= n.before.ready*r.Pods {
		return time.Time{}, true
	}
	until = n.short.Add(readyWithin(c))
	return until, c.At.Before(until)
}
