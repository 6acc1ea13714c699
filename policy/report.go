package policy

import (
	"fmt"
	"slices"
	"strings"
)

// The reasons of an Answer.
const (
	// AnswerAccepted says that the report counts from now on.
	AnswerAccepted = "Accepted"
	// AnswerUnknown says that the workload has no such revision.
	AnswerUnknown = "UnknownRevision"
	// AnswerStale says that another revision than the current one is meant, or
	// that it is not clear which.
	AnswerStale = "StaleRevision"
	// AnswerNotWatched says that undog does not judge the workload.
	AnswerNotWatched = "NotWatched"
	// AnswerJudged says that the matter is settled.
	AnswerJudged = "AlreadyJudged"
)

// report takes a verdict from outside and answers it.
func (e *Engine) report(r Report) {
	if r.Observation != nil {
		e.observe(r.Observation)
	}
	w := e.workloads[keyOf(r.Workload)]
	if w == nil || w.rollout.policy == nil || w.phase == PhaseNone {
		e.out.Answer = &Answer{Reason: AnswerNotWatched, Message: fmt.Sprintf(
			"undog does not judge %s %s: it does not exist, no policy matches it, its mode is off, or its rollout has not begun", r.Workload.Kind, r.Workload)}
		return
	}
	o := w.obs
	if o == nil && r.Observation != nil && r.Observation.Workload.UID == r.Workload.UID {
		// The revision is proven, and the engine has let go of what it saw.
		o = r.Observation.withOwnUndos()
	}
	a := w.refuse(o, r)
	if a.Reason == "" {
		a.Accepted, a.Reason, a.Message = true, AnswerAccepted, fmt.Sprintf("revision %d is judged with this report", a.Revision.Number)
		w.obs = o
		w.rollout.reported = &Reported{At: r.At, Good: r.Good, Reason: cutText(r.Reason, MaxMessage), By: cutText(r.By, MaxMessage)}
		if w.phase == Healthy {
			w.phase, w.rollout.unjudged = Suspect, false
		}
		e.judge(w, r.At)
	}
	a.Phase = w.phase
	e.out.Answer = &a
}

// refuse says why a report does not count; the Reason is empty if it does.
func (w *workload) refuse(o *Observation, r Report) Answer {
	found := w.meant(o, r.Revision)
	switch {
	case len(found) == 0:
		return Answer{Reason: AnswerUnknown, Message: fmt.Sprintf(
			"%s has no revision %q; name the pod-template-hash, the ReplicaSet or an image of the current one, which is %s",
			r.Workload, r.Revision, w.rollout.revision.naming())}
	case len(found) > 1:
		return Answer{Reason: AnswerStale, Message: fmt.Sprintf(
			"%q is more than one revision; name the current one by its pod-template-hash: %s", r.Revision, w.rollout.revision.naming())}
	case !w.judges(found[0]):
		return Answer{Reason: AnswerStale, Revision: found[0], Message: fmt.Sprintf(
			"revision %d is not the current one, which is %s", found[0].Number, w.rollout.revision.naming())}
	}
	a := Answer{Revision: w.rollout.revision}
	if why := w.judged(o, r); why != "" {
		a.Reason, a.Message = AnswerJudged, fmt.Sprintf("revision %d %s", a.Revision.Number, why)
	}
	return a
}

// byHand is the way out where undog does not help.
const byHand = "return to an earlier one with kubectl rollout undo"

// judged says why the matter is settled, "" if it is not.
func (w *workload) judged(o *Observation, r Report) string {
	switch {
	case w.phase == Healthy && r.Good:
		return "is proven good already"
	case o == nil:
		return "was proven good and is not looked at any more; " + byHand
	case w.phase == RolledBack:
		return "is what undog has just returned to; undog does not undo an undo"
	case w.phase == RollingBack:
		return "was found bad, and what follows from that is under way"
	}
	was := *w
	was.obs = o
	rec, known := was.record(w.rollout.revision)
	if !known || rec.Contested != nil && r.Good {
		// Whoever brought back what was undone may say why.
		return ""
	}
	return was.recorded(rec, r)
}

// recorded says why what is on record of a revision settles the matter.
func (w *workload) recorded(rec Record, r Report) string {
	_, undone := w.rollback(rec.DecisionID)
	switch {
	case rec.Verdict == Bad && rec.Withdrawn == nil && (undone || rec.Contested != nil):
		return "was found bad, undone, and came back; undog does not fight over it"
	case rec.Verdict == Bad && rec.Withdrawn == nil && !r.Good:
		return "was found bad already: " + rec.Message
	case rec.Verdict == Good && r.Good && (w.rollout.reported == nil || w.rollout.reported.Good):
		return "is proven good already"
	case rec.Withdrawn != nil && !r.Good:
		return "was found bad before, and that was withdrawn: undog does not decide on it twice; " + byHand
	}
	return ""
}

// meant lists the revisions that a name is that of: a pod-template-hash or the
// name of a ReplicaSet and, failing that, an image or its end.
func (w *workload) meant(o *Observation, name string) []RevisionRef {
	known := []RevisionRef{w.rollout.revision}
	add := func(ref RevisionRef) {
		if !slices.ContainsFunc(known, func(k RevisionRef) bool { return k.UID == ref.UID || k.Template == ref.Template }) {
			known = append(known, ref)
		}
	}
	if o != nil {
		o = o.Whole()
		for i := range o.Revisions {
			add(o.Revisions[i].RevisionRef)
		}
		for i := range o.Records {
			add(o.present(o.Records[i].Revision))
		}
	}
	var named, ran []RevisionRef
	for _, ref := range known {
		switch {
		case name == "":
		case ref.Hash == name, ref.Name == name:
			named = append(named, ref)
		case slices.ContainsFunc(ref.Images, func(image string) bool { return isImage(image, name) }):
			ran = append(ran, ref)
		}
	}
	if len(named) > 0 {
		return named
	}
	return ran
}

// isImage tells whether a name is that of an image, perhaps without its
// registry or without all but its tag.
func isImage(image, name string) bool {
	rest, ends := strings.CutSuffix(image, name)
	return ends && (rest == "" || strings.HasSuffix(rest, "/") || strings.HasSuffix(rest, ":"))
}

// naming is a revision as a report may name it.
func (r RevisionRef) naming() string {
	return fmt.Sprintf("revision %d, %s", r.Number, strings.Join(append([]string{r.Hash}, r.Images...), ", "))
}

// reported is what was said from outside about the current revision: last, or
// before a restart if it was found bad for that.
func (w *workload) reported() *Reported {
	if w.rollout.reported != nil {
		return w.rollout.reported
	}
	rec, known := w.record(w.rollout.revision)
	if known && rec.Verdict == Bad && rec.Withdrawn == nil && rec.Reason == reasonReportedBad {
		return rec.Reported
	}
	return nil
}

// accused tells whether somebody said that the current revision is bad.
func (w *workload) accused() bool {
	r := w.rollout.reported
	return r != nil && !r.Good
}

// vouched tells whether somebody said that the current revision is good, and
// it can be taken for that now: it is complete, and nothing convicts it.
func (w *workload) vouched(f Finding) bool {
	r := w.rollout.reported
	return r != nil && r.Good && f.Level < Convicting && w.obs.complete()
}
