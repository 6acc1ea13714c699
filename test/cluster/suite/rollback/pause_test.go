package rollback_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/policy/rollback"
)

func (f *fixture) pause() policy.Decision {
	d := f.undo()
	d.Kind, d.Record.Action = policy.Pause, policy.ActionPause
	return d
}

func (f *fixture) resume() policy.Decision {
	return policy.Decision{ID: "resume-1", Kind: policy.Resume, Workload: f.workload(), Generation: f.get().Generation, From: f.bad}
}

func (f *fixture) wantPaused(want bool, by string) {
	f.t.Helper()
	d := f.get()
	if d.Spec.Paused != want || d.Annotations[ledger.PausedByAnnotation] != by {
		f.t.Errorf("paused is %v by %q, want %v by %q", d.Spec.Paused, d.Annotations[ledger.PausedByAnnotation], want, by)
	}
}

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	f.want(undog.Do(f.ctx, f.pause()), policy.Done, "")
	f.wantPaused(true, "decision-1")
	f.wantOwned("undog", false)
	if rec := f.records()[f.bad.UID]; rec.Verdict != policy.Bad || rec.Action != policy.ActionPause {
		t.Errorf("record is %+v", rec)
	}
	f.want(undog.Do(f.ctx, f.pause()), policy.Done, "")
	f.wantPatches(undog.user, 200, 200)

	stale := f.resume()
	stale.Generation--
	f.want(undog.Do(f.ctx, stale), policy.Stale, rollback.GenerationMoved)
	f.want(undog.Do(f.ctx, f.resume()), policy.Done, "")
	f.wantPaused(false, "")
	f.wantImage("shop:1.1")
	f.want(undog.Do(f.ctx, f.resume()), policy.NoChange, rollback.NotPaused)
}

func TestPauseLostReply(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{via: onPatch("deployments", 1, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		return nil, errCut
	})})
	f.want(undog.Do(f.ctx, f.pause()), policy.Done, "")
	f.wantPaused(true, "decision-1")
	f.wantPatches(undog.user, 200, 200)
}

func TestOwnersPauseIsLeftAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	f.patch(`{"spec":{"paused":true}}`)
	f.want(undog.Do(f.ctx, f.pause()), policy.NoChange, rollback.AlreadyPaused)
	f.want(undog.Do(f.ctx, f.resume()), policy.Refused, rollback.PausedByOwner)
	err := rollback.Resume(f.ctx, undog.kube.AppsV1().RESTClient(), f.namespace, "shop")
	if !errors.Is(err, rollback.ErrPausedByOwner) {
		t.Errorf("Resume = %v, want %v", err, rollback.ErrPausedByOwner)
	}
	f.wantPaused(true, "")
	f.wantPatches(undog.user)
}

func TestResumeByHand(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	apps := undog.kube.AppsV1().RESTClient()
	if err := rollback.Resume(f.ctx, apps, f.namespace, "shop"); !errors.Is(err, rollback.ErrNotPaused) {
		t.Errorf("Resume = %v, want %v", err, rollback.ErrNotPaused)
	}
	f.want(undog.Do(f.ctx, f.pause()), policy.Done, "")
	if err := rollback.Resume(f.ctx, apps, f.namespace, "shop"); err != nil {
		t.Error(err)
	}
	f.wantPaused(false, "")
	if err := rollback.Resume(f.ctx, apps, f.namespace, "gone"); err == nil {
		t.Error("a Deployment that does not exist was resumed")
	}
}

// kubectl rollout resume leaves undog's mark; it must not make the owner's
// next pause look like undog's.
func TestLeftoverMarkIsCleared(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	f.want(undog.Do(f.ctx, f.pause()), policy.Done, "")
	f.patch(`{"spec":{"paused":false}}`)
	f.want(undog.Do(f.ctx, f.resume()), policy.Done, "")
	f.wantPaused(false, "")
}
