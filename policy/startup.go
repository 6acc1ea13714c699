package policy

import "time"

// starts is how often the containers of a revision exit on their way up, each
// in one way, when all is well. Some do until what they need is there, and did
// so before the release as well.
type starts []start

type start struct {
	way   Failure
	exits int32
}

// apart keeps them apart, since nearly no revision has any.
func (s starts) apart() (a apart[starts]) {
	if len(s) > 0 {
		a.set(s)
	}
	return a
}

const (
	// mostStarts is how many exits at most pass for the way a container
	// starts: by the eighth the kubelet has been trying for ten minutes.
	mostStarts = 8
	// startsBy is by when a pod must have failed for the first time for its
	// exits to be those of a start.
	startsBy = time.Minute
)

// starting is how often the revision's containers exited before they ran, if
// all its pods run by now: those ways in which at least half of the pods did so
// again and again, and only if pods failed as soon as they were started. Init
// containers have no other time.
func (r *Revision) starting() (all starts, known bool) {
	if r.Pods == 0 || r.Ready < r.Pods {
		return nil, false
	}
	early := false
	for _, in := range r.Incidents {
		early = early || in.Age < startsBy
	}
	for _, f := range r.Failures {
		if (early || f.Init) && f.Exited && !lost(f) && 2*f.Repeated >= r.Pods {
			all = append(all, start{way: Failure{
				Container: f.Container, Init: f.Init, Reason: f.Reason, Exited: true, ExitCode: f.ExitCode,
			}, exits: min(f.MaxCount, mostStarts-1)})
		}
	}
	return all, true
}

// startsBefore is how the containers of a revision that is being replaced
// start. One known to be bad is no measure: what was before it is, also for
// the revision that is returned to.
func (w *workload) startsBefore(previous RevisionRef) starts {
	judged := w.rollout.revision.UID == previous.UID
	if rec, known := w.record(previous); known && rec.Verdict == Bad {
		if judged {
			return w.rollout.readiness.startsBefore.get()
		}
		return nil
	}
	if own := w.rollout.readiness.starts.get(); judged && own != nil {
		return own
	}
	for i := range w.obs.Revisions {
		if r := &w.obs.Revisions[i]; r.UID == previous.UID {
			all, _ := r.starting()
			return all
		}
	}
	return nil
}

// usual is how often a container may exit in one way before it runs, as far as
// the revision before shows.
func (c *Case) usual(f Failure) int32 {
	if c.workload == nil {
		return 0
	}
	for _, s := range c.workload.rollout.readiness.startsBefore.get() {
		if alike(s.way, f) && s.way.Init == f.Init {
			return s.exits
		}
	}
	return 0
}
