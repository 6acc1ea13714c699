package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/reach"
)

// cast is who plays, read a moment ago.
type cast struct {
	choice
	// New is the pod of the revision that is judged, Old are those of the one it
	// is compared with: two, one, or none.
	New *corev1.Pod
	Old []*corev1.Pod
}

// fresh is the new pod as a list.
func (c *cast) fresh() []*corev1.Pod { return []*corev1.Pod{c.New} }

// watched is a pod as the watcher last saw it.
type watched = watcher.Pod

// errNoPod is why there is nobody to ask.
var errNoPod = errors.New("no pod of the revision is ready")

// maxCasts is how often others are chosen in place of pods that turn out not
// to be there any more.
const maxCasts = 4

// cast chooses pods until all of them may be asked. The caller releases them.
func (r *Runner) cast(ctx context.Context, d *policy.Decision, now, old []watched) (cast, error) {
	why := errNoPod
	now, old = warm(now), warm(old)
	for range maxCasts {
		if len(now) == 0 {
			break
		}
		chosen, err := r.roster.take(ctx, turnKey{d.Workload.UID, d.Check}, r.persona(d), now, old)
		if err != nil {
			return cast{}, &unable{check.ReasonBusy, errors.New("the pods were busy with other checks for too long")}
		}
		c, bad, err := r.look(ctx, d, chosen)
		if err == nil && len(bad) == 0 {
			return c, nil
		}
		r.roster.free(chosen)
		if err != nil {
			return cast{}, err
		}
		now, old = without(now, bad), without(old, bad)
		for _, e := range bad {
			why = e
		}
	}
	return cast{}, &unable{check.ReasonNoPod, why}
}

// persona is who plays a check, on the workload, "" for nobody in particular.
func (r *Runner) persona(d *policy.Decision) string {
	if c := r.checks[d.Check]; c != nil && c.Persona != "" {
		return d.Workload.UID + "/" + c.Persona
	}
	return ""
}

// candidates are the ready pods of both revisions.
func (r *Runner) candidates(d *policy.Decision) (now, old []watched) {
	for _, p := range r.o.Pods(d.Workload.UID) {
		switch {
		case !p.Ready:
		case p.Revision == d.From.UID:
			now = append(now, p)
		case p.Revision == d.To.UID:
			old = append(old, p)
		}
	}
	return now, old
}

// warm are the pods that have been ready for a while, all if none has: each pod
// that comes later is as slow at first as the old ones were in their time, which
// nobody sees any more.
func warm(pods []watched) []watched {
	var kept []watched
	for _, p := range pods {
		if time.Since(p.ReadySince) >= policy.WarmUp {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return pods
	}
	return kept
}

func without(pods []watched, bad map[string]error) []watched {
	var kept []watched
	for _, p := range pods {
		if bad[p.UID] == nil {
			kept = append(kept, p)
		}
	}
	return kept
}

// look reads the chosen pods. bad says, by UID, why some are not to be asked.
func (r *Runner) look(ctx context.Context, d *policy.Decision, chosen choice) (cast, map[string]error, error) {
	all := chosen.all()
	pods, errs := make([]*corev1.Pod, len(all)), make([]error, len(all))
	var reading sync.WaitGroup
	for i, p := range all {
		reading.Go(func() {
			pods[i], errs[i] = r.o.Reach.Live(ctx, reach.Pod{Namespace: d.Workload.Namespace, Name: p.Name, UID: p.UID, Owner: p.Revision})
		})
	}
	reading.Wait()
	bad := map[string]error{}
	for i, err := range errs {
		switch {
		case err == nil:
		case errors.Is(err, reach.ErrUnfit):
			bad[all[i].UID] = err
		default:
			return cast{}, nil, &unable{check.ReasonUnreachable, fmt.Errorf("the API server did not say how the pods are: %w", err)}
		}
	}
	return cast{choice: chosen, New: pods[0], Old: pods[1:]}, bad, nil
}

// left tells whether any of the pods has left, or is about to.
func (r *Runner) left(ctx context.Context, d *policy.Decision, c cast) bool {
	return slices.ContainsFunc(c.all(), func(p watched) bool {
		return r.o.Reach.Leaving(ctx, reach.Pod{Namespace: d.Workload.Namespace, Name: p.Name, UID: p.UID})
	})
}

// maxCompany is how many pods of a revision are read at a time.
const maxCompany = 16

// company are the pods that have been ready for longest, read a moment ago.
func (r *Runner) company(ctx context.Context, d *policy.Decision, pods []watched) ([]*corev1.Pod, error) {
	pods = slices.Clone(pods)
	slices.SortStableFunc(pods, func(a, b watched) int { return a.ReadySince.Compare(b.ReadySince) })
	var out []*corev1.Pod
	for _, p := range pods[:min(len(pods), maxCompany)] {
		pod, err := r.o.Reach.Live(ctx, reach.Pod{Namespace: d.Workload.Namespace, Name: p.Name, UID: p.UID, Owner: p.Revision})
		switch {
		case err == nil:
			out = append(out, pod)
		case !errors.Is(err, reach.ErrUnfit):
			return nil, &unable{check.ReasonUnreachable, fmt.Errorf("the API server did not say how the pods are: %w", err)}
		}
	}
	return out, nil
}
