package crowd

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/test/bench/fleet"
	"github.com/undog-dev/undog/test/bench/load"
)

// needed is how many pods must report that they cannot be started before nothing
// is left to be said against a release.
const needed = 2

// release is a bad one.
type release struct {
	of    *fleet.Deployment
	began time.Time
}

// badImage is what a bad release runs.
func badImage(d *fleet.Deployment) string { return d.Image(d.Revision() + 1) }

func tagOf(image string) string { return image[strings.LastIndexByte(image, ':'):] }

// Release begins n bad releases, each of another Deployment, one every so often:
// all at once if that is 0.
func (w *World) Release(_ context.Context, n int, every time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.fresh) < n {
		return fmt.Errorf("release to %d Deployments: only %d are left that had none", n, len(w.fresh))
	}
	var all []*release
	for _, d := range w.fresh[:n] {
		r := &release{of: d}
		all = append(all, r)
		w.bad[key(d)] = r
	}
	w.fresh = w.fresh[n:]
	w.releases = append(w.releases, all...)
	w.running.Go(func() { w.play(all, every) })
	return nil
}

func (w *World) play(all []*release, every time.Duration) {
	ticker := time.NewTicker(max(every, time.Millisecond))
	defer ticker.Stop()
	var running sync.WaitGroup
	defer running.Wait()
	for _, r := range all {
		running.Go(func() { w.failed(w.release(r)) })
		if every == 0 {
			continue
		}
		select {
		case <-ticker.C:
		case <-w.ctx.Done():
			return
		}
	}
}

func (w *World) release(r *release) error {
	w.mu.Lock()
	r.began = time.Now()
	w.mu.Unlock()
	d := r.of
	patch := fmt.Sprintf(`{"metadata":{"annotations":{"kubernetes.io/change-cause":"release %[1]s"}},"spec":{"template":{"spec":{"containers":[{"name":"app","image":%[1]q}]}}}}`, badImage(d))
	_, err := w.client.AppsV1().Deployments(d.Namespace).Patch(w.ctx, d.Name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		return fmt.Errorf("release to %s: %w", key(d), err)
	}
	return nil
}

// outcome is what the audit log says of a release so far.
func (a *auditLog) outcome(d *fleet.Deployment) load.Rollout {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := load.Rollout{Namespace: d.Namespace, Name: d.Name, Replicas: d.Replicas}
	reports, requests := a.reports[key(d)], a.requests[key(d)]
	for i := range requests {
		if r := &requests[i]; r.undo && (out.Patched.IsZero() || r.received.Before(out.Patched)) {
			out.Patched = r.received
		}
	}
	for i := range reports {
		if out.Patched.IsZero() || reports[i].received.Before(out.Patched) {
			out.Report++
		}
	}
	if len(reports) < needed {
		return out
	}
	last := reports[needed-1]
	out.Evidence = last.written
	for i := range requests {
		if r := &requests[i]; !r.received.Before(last.received) && (out.Asked.IsZero() || r.received.Before(out.Asked)) {
			out.Asked = r.received
		}
	}
	return out
}
