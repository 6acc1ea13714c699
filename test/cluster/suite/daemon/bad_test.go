package daemon_test

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
)

// proven rolls the first release out and waits until it is good.
func (f *fixture) proven(j *journal, replicas int32, changes ...func(*appsv1.Deployment)) {
	f.t.Helper()
	f.deploy(app, "1.0", replicas, changes...)
	j.await("verdict.good", app, "1.0")
}

// undone waits until the release with the tag is undone and everything about
// it is as it should be, and returns the verdict.
func (f *fixture) undone(j *journal, tag string) notify.Event {
	f.t.Helper()
	bad := j.await("verdict.bad", app, tag)
	done := j.await("rollback.done", app, tag)
	if done.Data.DecisionID == "" || done.Data.DecisionID != bad.Data.DecisionID || done.CorrelationID != bad.CorrelationID {
		f.t.Errorf("undo %q of rollout %q belongs to verdict %q of rollout %q", done.Data.DecisionID, done.CorrelationID, bad.Data.DecisionID, bad.CorrelationID)
	}
	if !slices.Equal(done.Data.Target.Images, []string{image("1.0")}) {
		f.t.Errorf("undo of %s went to %v, want %s", tag, done.Data.Target.Images, image("1.0"))
	}
	f.running(app, "1.0")
	f.givenBack(app)
	f.recorded(tag, "of the verdict", func(r policy.Record) bool { return r.Verdict == policy.Bad && r.DecisionID == bad.Data.DecisionID })
	return bad
}

// Every release that is bad by its own fault is undone: once, to the release
// that was proven good, and told with the reason.
func TestBadReleaseIsUndone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		image     string // "" is that of the tag.
		tag       string
		configMap string
		replicas  int32
		policy    string
		reason    string
		failure   string // Kubernetes' word in the evidence.
	}{
		"ImageDoesNotExist":      {tag: "missing", reason: "ImageNotFound", failure: "ErrImagePull"},
		"InvalidImageName":       {tag: "not:a:tag", reason: "InvalidImageName", failure: "InvalidImageName"},
		"ConfigMapDoesNotExist":  {tag: "1.1", configMap: "absent", reason: "MissingConfig", failure: "CreateContainerConfigError"},
		"CommandDoesNotExist":    {tag: "nocommand", reason: "CannotStart", failure: "StartError"},
		"CrashLoop":              {tag: "crash", reason: "CrashLoop", failure: "Error"},
		"CrashLoopOf8":           {tag: "crash", replicas: 8, reason: "CrashLoop", failure: "Error"},
		"ProbeThatNeverSucceeds": {tag: "unready", policy: "readyWithin: 5s", reason: "NotReady"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			j := f.journal(f.undog(setup{policy: tt.policy}).NATSURL)
			f.proven(j, max(tt.replicas, 2))
			f.releaseImage(app, image(tt.tag), tt.configMap)
			bad := f.undone(j, tt.tag)
			j.await("rollout.recovered", app, "1.0")
			if bad.Data.Reason != tt.reason || bad.Data.Message == "" {
				t.Errorf("verdict is %s %q, want %s", bad.Data.Reason, bad.Data.Message, tt.reason)
			}
			if tt.failure != "" && !slices.ContainsFunc(bad.Data.Failures, func(e notify.Failure) bool {
				return e.Reason == tt.failure && e.Container == "app" && len(e.Samples) > 0
			}) {
				t.Errorf("evidence is %+v, want %s in container app", bad.Data.Failures, tt.failure)
			}
			if len(bad.Data.Changes) == 0 {
				t.Error("the verdict does not say what changed")
			}
			f.wantUndos(app, 200)
			j.want("verdict.bad", app, 1)
			j.want("rollback.done", app, 1)
			j.wantOnce()
		})
	}
}

// Without anything to return to, the verdict is told and nothing is done.
func TestFirstRolloutFails(t *testing.T) {
	f := newFixture(t)
	j := f.journal(f.undog(setup{}).NATSURL)
	f.deploy(app, "crash", 2)
	bad := j.await("verdict.bad", app, "crash")
	refused := j.await("rollback.refused", app, "crash")
	if refused.Data.Reason != "NoTarget" || refused.CorrelationID != bad.CorrelationID {
		t.Errorf("refusal is %s of rollout %s, want NoTarget of %s", refused.Data.Reason, refused.CorrelationID, bad.CorrelationID)
	}
	f.restarts("crash", 5)
	j.want("verdict.bad", app, 1)
	j.want("rollback.refused", app, 1)
	f.wantUntouched(app)
	f.stands(j, app, "1.0")
}

// stands releases the tag, and checks that it becomes good and stays.
func (f *fixture) stands(j *journal, name, tag string) {
	f.t.Helper()
	f.release(name, tag)
	f.isGood(j, name, tag)
}

func (f *fixture) isGood(j *journal, name, tag string) {
	f.t.Helper()
	j.await("verdict.good", name, tag)
	f.running(name, tag)
}

// Two bad releases go back to what was proven, not to one another, whether or
// not the first was judged.
func TestBadAfterBad(t *testing.T) {
	f := newFixture(t)
	j := f.journal(f.undog(setup{}).NATSURL)
	f.proven(j, 2)
	// Nobody waits for what becomes of this one.
	f.release(app, "unready")
	j.await("rollout.started", app, "unready")
	f.release(app, "crash-1")
	f.undone(j, "crash-1")
	f.release(app, "crash-2")
	j.await("rollback.done", app, "crash-2")
	f.running(app, "1.0")
	f.wantUndos(app, 200, 200)
	j.want("rollback.done", app, 2)
	j.wantOnce()
}

// Whoever brings back what was undone is told, not fought.
func TestContested(t *testing.T) {
	f := newFixture(t)
	j := f.journal(f.undog(setup{}).NATSURL)
	f.proven(j, 2)
	f.release(app, "crash")
	f.undone(j, "crash")
	f.release(app, "crash")
	j.await("rollback.contested", app, "crash")
	f.recorded("crash", "of the contest", func(r policy.Record) bool { return r.Contested != nil })
	f.restarts("crash", 5)
	if got := imageOf(f.get(app)); got != image("crash") {
		t.Errorf("image is %s, want %s", got, image("crash"))
	}
	f.wantUndos(app, 200)
	j.want("verdict.bad", app, 1)
	j.want("rollback.done", app, 1)
	j.want("rollback.contested", app, 1)
	f.stands(j, app, "1.1")
	j.wantOnce()
}
