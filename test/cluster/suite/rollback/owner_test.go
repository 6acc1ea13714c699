package rollback_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/rollback"
)

// apply is kubectl apply --server-side, without force.
func (f *fixture) apply(image string) {
	f.t.Helper()
	d := deployment(image)
	body := map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": map[string]any{"name": "shop"},
		"spec": map[string]any{"selector": d.Spec.Selector, "template": map[string]any{
			"metadata": map[string]any{"labels": d.Spec.Template.Labels},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "app", "image": image}}},
		}},
	}
	_, err := f.admin.AppsV1().Deployments(f.namespace).Patch(f.ctx, "shop", types.ApplyPatchType, mustJSON(f.t, body),
		metav1.PatchOptions{FieldManager: "owner"})
	if err != nil {
		f.t.Errorf("owner's apply of %s: %v", image, err)
	}
}

func (f *fixture) applied() {
	f.t.Helper()
	if err := f.admin.AppsV1().Deployments(f.namespace).Delete(f.ctx, "shop", metav1.DeleteOptions{}); err != nil {
		f.t.Fatal(err)
	}
	f.eventually("replica sets collected", func() bool { return len(f.replicaSets()) == 0 })
	f.apply("shop:1.0")
	f.good = f.settled("shop:1.0")
	f.apply("shop:1.1")
	f.bad = f.settled("shop:1.1")
	f.pod = f.podOf(f.bad)
}

func TestOwnersApplySucceeds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.applied()
	undog := f.client("undog", clientOptions{})
	out := undog.Do(f.ctx, f.undo())
	f.want(out, policy.Done, "")
	f.wantOwned("undog", false)
	f.wantOwned("owner", true)
	f.apply("shop:1.2")
	f.wantImage("shop:1.2")
	f.setImage("shop:1.3")
	f.wantImage("shop:1.3")
}

// Killed between the two patches, undog finds its entry and removes it later.
func TestGiveBackLater(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.applied()
	var told atomic.Int32
	undog := f.client("undog", clientOptions{
		via: onPatch("deployments", 2, func(http.RoundTripper, *http.Request) (*http.Response, error) {
			return nil, errCut
		}),
		alter: func(o *rollback.Options) {
			o.GiveBackFailed = func(policy.Workload, error) { told.Add(1) }
		},
	})
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantOwned("undog", true)
	if told.Load() != 1 {
		t.Errorf("told %d times that giving back failed, want 1", told.Load())
	}
	f.settled("shop:1.0")
	before := f.get().Generation
	if err := undog.GiveBack(f.ctx, f.workload()); err != nil {
		t.Error(err)
	}
	f.wantOwned("undog", false)
	if after := f.get().Generation; after != before {
		t.Errorf("giving back moved the generation from %d to %d", before, after)
	}
	f.apply("shop:1.2")
	if err := undog.GiveBack(f.ctx, f.workload()); err != nil {
		t.Errorf("nothing to give back: %v", err)
	}
}

// Another writer moves the entries while undog removes its own.
func TestGiveBackRace(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{via: onPatch("deployments", 2, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		// The owner's first apply puts an entry before all others.
		body := map[string]any{
			"apiVersion": "apps/v1", "kind": "Deployment",
			"metadata": map[string]any{"name": "shop", "labels": map[string]string{"team": "shop"}},
		}
		_, err := f.admin.AppsV1().Deployments(f.namespace).Patch(f.ctx, "shop", types.ApplyPatchType, mustJSON(t, body),
			metav1.PatchOptions{FieldManager: "aaa"})
		if err != nil {
			t.Error(err)
		}
		return next.RoundTrip(r)
	})})
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantOwned("undog", false)
	f.wantOwned("aaa", true)
}
