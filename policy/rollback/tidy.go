package rollback

import (
	"context"
	"fmt"
	"strings"

	"github.com/undog-dev/undog/policy"
)

// tidy takes the cause of an undo off the Deployment. The Deployment controller
// copies it to whichever ReplicaSet is current: it belongs on the one that was
// returned to, and would be read as the cause of the owner's next release, too.
func (e *Executor) tidy(ctx context.Context, d policy.Decision) ending {
	live, end := e.look(ctx, d.Workload)
	if end == nil {
		end = decideTidy(live, d)
	}
	if end != nil {
		return *end
	}
	if !e.opts.MayAct() {
		return refused(NotLeader, "this undog does not lead")
	}
	path := annotationPath(causeAnnotation)
	meta, err := e.api.patch(ctx, d.Workload, append(fence(&live.Metadata),
		operation{Op: "test", Path: path, Value: live.Metadata.Annotations[causeAnnotation]},
		operation{Op: "remove", Path: path}), false)
	switch {
	case isUnprocessable(err):
		return stale(GenerationMoved, "the workload was changed meanwhile")
	case err != nil:
		return failed(err)
	}
	e.giveBack(ctx, d.Workload, meta)
	return done(meta.Generation)
}

func decideTidy(live *workload, d policy.Decision) *ending {
	now := live.Metadata.Generation
	switch {
	case !strings.HasPrefix(live.Metadata.Annotations[causeAnnotation], causePrefix):
		return new(noChange(Tidied, "the cause of the undo is not on the workload any more", now))
	case live.Metadata.DeletionTimestamp != nil:
		return new(vanished("the workload is being deleted"))
	case optedOut(live):
		return new(refused(OptedOut, "the workload's mode forbids it"))
	case live.Spec.Paused:
		return new(refused(Paused, "the workload is paused"))
	case now != d.Generation:
		return new(stale(GenerationMoved, fmt.Sprintf("generation is %d, %d was judged", now, d.Generation)))
	case live.Status.ObservedGeneration < now:
		// The revision does not have the cause yet.
		return new(stale(NotObserved, "the Deployment controller has not seen the workload as it is"))
	}
	current, err := hash(live.Spec.Template)
	if err != nil || current != d.From.Template {
		return new(stale(TemplateChanged, "the template is not the one that was returned to"))
	}
	return nil
}
