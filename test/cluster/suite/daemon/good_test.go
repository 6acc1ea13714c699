package daemon_test

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// wantLeftAlone checks that a release became good without undog having
// touched the Deployment.
func (f *fixture) wantLeftAlone(j *journal, tag string) {
	f.t.Helper()
	f.isGood(j, app, tag)
	f.wantUntouched(app)
	j.want("verdict.bad", app, 0)
	j.wantOnce()
}

// What looks bad for a while and is good is left alone. These wait for as long
// as the case lasts, so they come first.
func TestGoodReleaseIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, tag := range map[string]string{
		"Good": "1.1",
		// 60 s until it is ready.
		"SlowStart": "slow",
		// The exits are held against it until it has run for a minute.
		"ExitsTwiceThenRuns": "twice",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			j := f.journal(f.undog(setup{}).NATSURL)
			f.proven(j, 1)
			f.release(app, tag)
			f.wantLeftAlone(j, tag)
		})
	}
}

func TestConfigMapArrivesLate(t *testing.T) {
	f := newFixture(t)
	j := f.journal(f.undog(setup{}).NATSURL)
	f.proven(j, 2)
	f.releaseImage(app, image("1.1"), "late")
	j.await("rollout.suspect", app, "1.1")
	f.later(20 * time.Second)
	late := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "late"}, Data: map[string]string{"key": "value"}}
	if _, err := admin.CoreV1().ConfigMaps(f.namespace).Create(f.ctx, late, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	f.wantLeftAlone(j, "1.1")
}

// A Deployment whose owner opted out is none of undog's business.
func TestOptedOut(t *testing.T) {
	f := newFixture(t)
	j := f.journal(f.undog(setup{}).NATSURL)
	const other = "other"
	f.proven(j, 2)
	f.deploy(other, "1.0", 2, func(d *appsv1.Deployment) {
		d.Annotations = map[string]string{"undog.dev/mode": "off"}
	})
	f.running(other, "1.0")
	f.release(other, "crash-other")
	f.restarts("crash-other", 4)
	// undog has seen everything before what it now acts on.
	f.release(app, "crash")
	f.undone(j, "crash")
	f.wantUntouched(other)
	if got := imageOf(f.get(other)); got != image("crash-other") {
		t.Errorf("image is %s, want %s", got, image("crash-other"))
	}
	if told := j.kinds(other); told != "" {
		t.Errorf("events about what was opted out: %s", told)
	}
}

// A restart finds everything as it was, says nothing and writes nothing.
func TestRestartInPeace(t *testing.T) {
	f := newFixture(t)
	server := f.natsServer()
	undog := f.undog(setup{nats: server})
	j := f.journal(server)
	f.proven(j, 2)
	f.release(app, "crash")
	f.undone(j, "crash")
	f.stands(j, app, "1.1")
	f.givenBack(app)
	told, writes := j.kinds(app), f.writes()
	if err := undog.Stop(f.ctx); err != nil {
		t.Errorf("undog ends with %v", err)
	}
	shown := story(f.ofUndog(app))
	f.undog(setup{nats: server})
	if got := f.writes(); got != writes {
		t.Errorf("undog has written %d times, %d before it was started again", got, writes)
	}
	// It works, and what it tells comes after what it might have told.
	f.deploy("other", "1.0", 1)
	j.await("verdict.good", "other", "1.0")
	if got := j.kinds(app); got != told {
		t.Errorf("told after the restart: %s\nbefore: %s", got, told)
	}
	f.shown("other", "RevisionGood", anyEvent)
	if got := story(f.ofUndog(app)); got != shown || shown == "" {
		t.Errorf("Events after the restart: %s\nbefore: %s", got, shown)
	}
	// One record of the new Deployment.
	if got := f.writes(); got != writes+1 {
		t.Errorf("undog has written %d times, want %d", got, writes+1)
	}
	j.wantOnce()
}
