package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"

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

// nodeOf is the node of one of the pods.
func (c *cast) nodeOf(name string) string {
	for _, p := range c.all() {
		if p.Name == name {
			return p.Node
		}
	}
	return ""
}

// maxCasts is how often others are chosen in place of pods that turn out not
// to be there any more.
const maxCasts = 4

// cast chooses pods until all of them may be asked. The caller releases them.
func (r *Runner) cast(ctx context.Context, d *policy.Decision) (cast, error) {
	now, old := r.candidates(d)
	var why error
	for range maxCasts {
		if len(now) == 0 {
			break
		}
		chosen, err := r.roster.take(ctx, turnKey{d.Workload.UID, d.Check}, now, old)
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
	if why == nil {
		why = errors.New("no pod of the revision is ready")
	}
	return cast{}, &unable{check.ReasonNoPod, why}
}

// candidates are the ready pods of both revisions.
func (r *Runner) candidates(d *policy.Decision) (now, old []watcher.Pod) {
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

func without(pods []watcher.Pod, bad map[string]error) []watcher.Pod {
	var kept []watcher.Pod
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
