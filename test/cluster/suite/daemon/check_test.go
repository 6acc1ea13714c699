package daemon_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/test/cluster/daemon"
)

const (
	// looks sends one request and expects nothing.
	looks = "reach: podIP\nchecks: [{name: greeting, port: 8000, steps: [{name: front page, request: {path: /}%s}]}]\n"
	// welcome is what it may expect.
	welcome = `, expect: {status: ["200"], body: {contains: ["Welcome admin!"]}}`
	// checkedBake lets a check be played a few times before a release is good.
	checkedBake = 20 * time.Second
	// overAfter is when a release is over that undog did not see: it does not judge it.
	overAfter = 70 * time.Second
)

// looking is the check with an expectation, or without.
func looking(expect string) string { return strings.ReplaceAll(looks, "%s", expect) }

// unhurried keeps old pods for a while beside new ones.
func unhurried(d *appsv1.Deployment) { d.Spec.MinReadySeconds = 15 }

// recreated never has both.
func recreated(d *appsv1.Deployment) {
	d.Spec.Strategy = appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
}

// replacedAtOnce may do without all of its pods.
func replacedAtOnce(d *appsv1.Deployment) {
	all, none := intstr.FromString("100%"), intstr.FromInt32(0)
	d.Spec.Strategy.RollingUpdate = &appsv1.RollingUpdateDeployment{MaxUnavailable: &all, MaxSurge: &none}
}

// A release whose pods are all ready, and whose page greets nobody, is undone:
// whether or not anybody wrote down what the page should say, and also when the
// pods that it replaced are gone.
func TestWrongPageIsUndone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		expect   string
		replicas int32
		change   func(*appsv1.Deployment)
		reason   string
		says     string
	}{
		"Expected":    {expect: welcome, replicas: 3, change: unhurried, reason: "Expectation", says: `body contains "Welcome admin!"`},
		"NotExpected": {replicas: 3, change: unhurried, reason: "Difference", says: `became "Welcome !"`},
		"OldPodsGone": {replicas: 2, reason: "Difference", says: "what was kept of the old revision"},
		"Recreate":    {replicas: 1, change: recreated, reason: "Difference", says: "what was kept of the old revision"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			j := f.journal(f.undog(setup{checks: looking(tt.expect), bake: checkedBake}).NATSURL)
			var changes []func(*appsv1.Deployment)
			if tt.change != nil {
				changes = append(changes, tt.change)
			}
			f.proven(j, tt.replicas, changes...)
			f.release(app, "nobody")
			bad := f.undone(j, "nobody")
			if bad.Data.Reason != "CheckFailed" || len(bad.Data.Checks) != 1 {
				t.Fatalf("verdict is %s with the checks %+v, want CheckFailed with one", bad.Data.Reason, bad.Data.Checks)
			}
			c := bad.Data.Checks[0]
			if c.Name != "greeting" || c.NewFailed == 0 || c.OldFailed > 0 || c.Reason != tt.reason || !strings.Contains(c.Message, tt.says) {
				t.Errorf("the check shows %+v, want %s that says %s", c, tt.reason, tt.says)
			}
			f.wantUndos(app, 200)
			j.want("verdict.bad", app, 1)
			j.wantOnce()
		})
	}
}

// Where a release leaves none of the old pods, what they said is known even if
// they were there, and proven, before undog came.
func TestWrongPageOfWhatWasThereIsUndone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		replicas int32
		change   func(*appsv1.Deployment)
	}{
		"Recreate": {replicas: 1, change: recreated},
		"AtOnce":   {replicas: 2, change: replacedAtOnce},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.deploy(app, "1.0", tt.replicas, tt.change)
			f.running(app, "1.0")
			f.later(overAfter)
			undog := f.undog(setup{checks: looking(""), bake: checkedBake})
			j := f.journal(undog.NATSURL)
			f.kept(undog)
			f.release(app, "nobody")
			bad := f.undone(j, "nobody")
			if c := bad.Data.Checks; bad.Data.Reason != "CheckFailed" || len(c) != 1 || c[0].NewFailed == 0 || c[0].Old > 0 ||
				c[0].Reason != "Difference" || !strings.Contains(c[0].Message, "what was kept of the old revision") {
				t.Errorf("verdict is %s with the checks %+v, want CheckFailed with a Difference to what was kept", bad.Data.Reason, c)
			}
			f.wantUndos(app, 200)
			j.want("verdict.bad", app, 1)
			j.wantOnce()
		})
	}
}

// kept waits until undog keeps what a settled revision answers.
func (f *fixture) kept(undog *daemon.Daemon) {
	f.t.Helper()
	err := wait.PollUntilContextCancel(f.ctx, 200*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		code, body, err := undog.Get(ctx, "/metrics")
		return code == http.StatusOK && strings.Contains(body, `undog_check_baselines_total{outcome="kept"} 1`), err
	})
	if err != nil {
		f.t.Fatalf("wait for a baseline to be kept: %v", err)
	}
}

// A release that changes its page on purpose stays, and what changed is told.
func TestChangedPageStays(t *testing.T) {
	f := newFixture(t)
	j := f.journal(f.undog(setup{checks: looking(""), bake: checkedBake}).NATSURL)
	f.proven(j, 3, unhurried)
	f.release(app, "otherwise")
	differs := j.await("check.differs", app, "otherwise")
	if len(differs.Data.Checks) != 1 || len(differs.Data.Checks[0].Differences) == 0 {
		t.Errorf("what differs is told as %+v", differs.Data.Checks)
	}
	f.isGood(j, app, "otherwise")
	j.want("verdict.bad", app, 0)
	f.wantUndos(app)
}
