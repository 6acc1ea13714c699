package rollback

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

// The errors of Resume that a caller may branch on.
var (
	// ErrNotPaused says that there is nothing to resume.
	ErrNotPaused = errors.New("it is not paused")
	// ErrPausedByOwner says that somebody else paused the workload.
	ErrPausedByOwner = errors.New("it was not paused by undog: use kubectl rollout resume")
)

// resume takes back undog's own pause.
func (e *Executor) resume(ctx context.Context, d policy.Decision) ending {
	var last *ending
	retry := true
	for range maxAttempts {
		live, end := e.look(ctx, d.Workload)
		if end != nil {
			return *end
		}
		if end := decideResume(live, d); end != nil {
			return *end
		}
		if !retry {
			return *last
		}
		if !e.opts.MayAct() {
			return refused(NotLeader, "this undog does not lead")
		}
		meta, err := e.api.patch(ctx, d.Workload, append(fence(&live.Metadata), unpause(live)...), false)
		if err == nil {
			e.giveBack(ctx, d.Workload, meta)
			return done(meta.Generation)
		}
		last = new(failed(err))
		var look bool
		if look, retry = lookAgain(ctx, err); !look {
			return *last
		}
	}
	return *last
}

func decideResume(live *workload, d policy.Decision) *ending {
	_, ours := live.Metadata.Annotations[ledger.PausedByAnnotation]
	switch {
	case live.Metadata.DeletionTimestamp != nil:
		return new(vanished("the workload is being deleted"))
	case !ours && !live.Spec.Paused:
		return new(noChange(NotPaused, "the workload is not paused", live.Metadata.Generation))
	case !ours:
		return new(refused(PausedByOwner, "the workload was not paused by undog"))
	case optedOut(live):
		return new(refused(OptedOut, "annotation "+ledger.ModeAnnotation+" forbids it"))
	case live.Metadata.Generation != d.Generation:
		return new(stale(GenerationMoved, fmt.Sprintf("generation is %d, %d was judged", live.Metadata.Generation, d.Generation)))
	}
	return nil
}

// unpause removes the pause together with undog's mark, and only while the
// mark is the one that was read. A mark that outlived its pause goes, too:
// otherwise the owner's next pause would pass for undog's.
func unpause(live *workload) []operation {
	path := annotationPath(ledger.PausedByAnnotation)
	ops := []operation{{Op: "test", Path: path, Value: live.Metadata.Annotations[ledger.PausedByAnnotation]}}
	if live.Spec.Paused {
		ops = append(ops, operation{Op: "remove", Path: "/spec/paused"})
	}
	return append(ops, operation{Op: "remove", Path: path},
		operation{Op: "add", Path: annotationPath(ledger.ResumedAnnotation), Value: live.Metadata.Annotations[ledger.PausedByAnnotation]})
}

// Resume takes back undog's pause of a Deployment on behalf of a person, who
// need not wait for undog. apps is the client of apps/v1.
func Resume(ctx context.Context, apps rest.Interface, namespace, name string) error {
	if err := resume(ctx, api{apps: apps, manager: defaultManager, timeout: defaultTimeout}, namespace, name); err != nil {
		return fmt.Errorf("resume deployment %s/%s: %w", namespace, name, err)
	}
	return nil
}

func resume(ctx context.Context, a api, namespace, name string) error {
	for range maxAttempts {
		live, err := a.get(ctx, deployments, namespace, name)
		if err != nil {
			return err
		}
		_, ours := live.Metadata.Annotations[ledger.PausedByAnnotation]
		if !live.Spec.Paused {
			return ErrNotPaused
		}
		if !ours {
			return ErrPausedByOwner
		}
		w := policy.Workload{Namespace: namespace, Name: name, UID: string(live.Metadata.UID)}
		ops := append(fence(&live.Metadata), unpause(live)...)
		meta, err := a.patch(ctx, w, ops, false)
		if err == nil {
			e := &Executor{api: a, opts: Options{FieldManager: a.manager, MayAct: func() bool { return true }}}
			if err := e.releaseFields(ctx, w, meta); err != nil {
				return fmt.Errorf("its rollout goes on, but undog still owns fields of it: %w", err)
			}
			return nil
		}
		if !isUnprocessable(err) {
			return err
		}
	}
	return errors.New("it keeps changing: try again")
}
