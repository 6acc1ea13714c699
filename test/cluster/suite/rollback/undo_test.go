package rollback_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/policy/rollback"
	"github.com/undog-dev/undog/watcher/template"
)

func TestUndo(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	out := undog.Do(f.ctx, f.undo())
	f.want(out, policy.Done, "")
	if out.Generation <= f.deploy.Generation {
		t.Errorf("generation is %d after the undo, %d before", out.Generation, f.deploy.Generation)
	}
	// The undo and the giving back of fields.
	f.wantPatches(undog.user, 200, 200)
	f.wantOwned("undog", false)

	again := f.settled("shop:1.0")
	if again.UID != f.good.UID || again.Number != 3 {
		t.Errorf("revision is %+v, want the old replica set as number 3", again)
	}
	d := f.get()
	if got := d.Annotations["argocd.argoproj.io/tracking-id"]; got != "shop:apps/Deployment:shop/shop" {
		t.Errorf("tracking id is %q", got)
	}
	if got, want := d.Annotations["kubernetes.io/change-cause"], "undog: back to revision 1 (shop:1.0): CrashLoop: container app exits at once"; got != want {
		t.Errorf("change cause is %q, want %q", got, want)
	}
	marks, err := ledger.DecodeRollbacks(d.Annotations[ledger.RollbacksAnnotation])
	if err != nil || len(marks) != 1 || marks[0].DecisionID != "decision-1" || marks[0].From != f.bad.UID ||
		marks[0].To != f.good.UID || marks[0].Template != f.bad.Template || marks[0].At.IsZero() {
		t.Errorf("rollbacks are %+v, %v", marks, err)
	}
	if _, ok := d.Spec.Template.Labels["pod-template-hash"]; ok {
		t.Error("the template carries the label of its replica set")
	}
	rec := f.records()[f.bad.UID]
	if rec.Verdict != policy.Bad || rec.DecisionID != "decision-1" || rec.Target.UID != f.good.UID {
		t.Errorf("record is %+v", rec)
	}
	f.wantLedgerObject()

	// Told again, it does nothing again.
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantPatches(undog.user, 200, 200)
}

// wantLedgerObject checks what nothing but the object itself can show.
func (f *fixture) wantLedgerObject() {
	f.t.Helper()
	cr, err := f.admin.AppsV1().ControllerRevisions(f.namespace).Get(f.ctx, ledger.Name(f.workload(), f.bad.UID), metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	owner := metav1.GetControllerOf(cr)
	if owner == nil || owner.UID != f.deploy.UID || *owner.BlockOwnerDeletion {
		f.t.Errorf("owner is %+v", owner)
	}
	if _, copied := cr.Labels["app"]; copied || len(cr.Labels) != 3 {
		f.t.Errorf("labels are %v", cr.Labels)
	}
	if strings.Contains(cr.Annotations[ledger.RecordAnnotation], "hunter2") {
		f.t.Error("the record shows a secret")
	}
	kept := deployment("").Spec.Template
	if err := json.Unmarshal(cr.Data.Raw, &kept); err != nil || template.Hash(&kept) != f.bad.Template {
		f.t.Errorf("the kept template is not the revision's: %v", err)
	}
}

func TestUsersFixStands(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{via: onPatch("deployments", 1, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		f.setImage("shop:1.2")
		return next.RoundTrip(r)
	})})
	f.want(undog.Do(f.ctx, f.undo()), policy.Stale, rollback.GenerationMoved)
	f.wantImage("shop:1.2")
	f.wantPatches(undog.user, 422)
}

func TestLostReply(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{via: onPatch("deployments", 1, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		return nil, errCut
	})})
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantImage("shop:1.0")
	f.wantPatches(undog.user, 200, 200)
	f.wantOwned("undog", false)
}

func TestLostRequest(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{via: onPatch("deployments", 1, func(http.RoundTripper, *http.Request) (*http.Response, error) {
		return nil, errCut
	})})
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantImage("shop:1.0")
	f.wantPatches(undog.user, 200, 200)
}

func TestServerErrorIsRetryable(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{via: onPatch("deployments", 1, func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
		return answer(r, http.StatusServiceUnavailable, nil), nil
	})})
	f.want(undog.Do(f.ctx, f.undo()), policy.Failed, rollback.Unavailable)
	f.wantImage("shop:1.1")
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantImage("shop:1.0")
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{via: onPatch("deployments", 1, func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
		return answer(r, http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}), nil
	})})
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantImage("shop:1.0")
}

func answer(r *http.Request, code int, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "text/plain")
	return &http.Response{
		StatusCode: code, Status: http.StatusText(code), Header: header, Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(strings.NewReader("not now")),
	}
}

func TestTwoExecutorsUndoOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	arrived, proceed := make(chan struct{}, 2), make(chan struct{})
	hold := func() clientOptions {
		return clientOptions{via: onPatch("deployments", 1, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			arrived <- struct{}{}
			select {
			case <-proceed:
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
			return next.RoundTrip(r)
		})}
	}
	a, b := f.client("undog-a", hold()), f.client("undog-b", hold())
	outcomes := make(chan policy.Outcome, 2)
	for _, undog := range []client{a, b} {
		go func() { outcomes <- undog.Do(f.ctx, f.undo()) }()
	}
	<-arrived
	<-arrived
	close(proceed)
	f.want(<-outcomes, policy.Done, "")
	f.want(<-outcomes, policy.Done, "")
	f.wantImage("shop:1.0")
	// The first patch of each is its undo; giving back may be raced, too.
	if got := []int{f.firstPatch(a.user), f.firstPatch(b.user)}; !slices.Equal(sorted(got), []int{200, 422}) {
		t.Errorf("audit log has undos answered %v, want one accepted and one rejected", got)
	}
	marks, err := ledger.DecodeRollbacks(f.get().Annotations[ledger.RollbacksAnnotation])
	if err != nil || len(marks) != 1 {
		t.Errorf("rollbacks are %+v, %v, want one", marks, err)
	}
	f.wantOwned("undog", false)
	if rec := f.records()[f.bad.UID]; rec.Verdict != policy.Bad {
		t.Errorf("record is %+v", rec)
	}
}

// A field that this client does not know must reach the server untouched.
func TestNewerFieldsSurvive(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var sent []byte
	undog := f.client("undog", clientOptions{via: func(next http.RoundTripper) http.RoundTripper {
		return trip(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPatch && sent == nil {
				body, err := r.GetBody()
				if err != nil {
					return nil, err
				}
				if sent, err = io.ReadAll(body); err != nil {
					return nil, err
				}
			}
			resp, err := next.RoundTrip(r)
			if err != nil || !strings.Contains(r.URL.Path, "/replicasets/") {
				return resp, err
			}
			raw, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			raw = bytes.Replace(raw, []byte(`"containers":[{`), []byte(`"futureField":{"depth":[1,2.50]},"containers":[{`), 1)
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
			return resp, err
		})
	}})
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	if !bytes.Contains(sent, []byte(`"futureField":{"depth":[1,2.50]}`)) {
		t.Errorf("the patch lost a field: %s", sent)
	}
}
