package daemon_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
)

// tool runs a program of the build and returns what it printed.
func (f *fixture) tool(name string, args ...string) (string, error) {
	f.t.Helper()
	home := f.t.TempDir()
	cmd := exec.CommandContext(f.ctx, filepath.Join(os.Getenv("UNDOG_BIN"), name), args...)
	cmd.Dir = home
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// must runs a program that has to succeed.
func (f *fixture) must(name string, args ...string) {
	f.t.Helper()
	if out, err := f.tool(name, args...); err != nil {
		f.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// Mode observe judges and tells, and has no need of the right to write.
func TestObserve(t *testing.T) {
	f := newFixture(t)
	kubeconfig, err := control.KubeconfigFor(watcherUser)
	if err != nil {
		t.Fatal(err)
	}
	j := f.journal(f.undog(setup{kubeconfig: kubeconfig, mode: "observe"}).NATSURL)
	f.proven(j, 2)
	f.release(app, "crash")
	j.await("verdict.bad", app, "crash")
	told := j.await("rollback.would-have", app, "crash")
	if c := capturedOf(t, told); !strings.Contains(c.State, "exited with code 3") || c.Problem != "" || len(c.Lines) != 1 || c.Lines[0] != "cannot go on" {
		t.Errorf("of the container is told: %+v", c)
	}
	if len(told.Data.Target.Images) != 1 || told.Data.Target.Images[0] != image("1.0") {
		t.Errorf("target is %v, want %s", told.Data.Target.Images, image("1.0"))
	}
	f.wantLeft(j, "crash")
}

// wantLeft checks that a bad release was judged and left where it is.
func (f *fixture) wantLeft(j *journal, tag string) {
	f.t.Helper()
	f.restarts(tag, 5)
	if got := imageOf(f.get(app)); got != image(tag) {
		f.t.Errorf("image is %s, want %s", got, image(tag))
	}
	f.wantUntouched(app)
	j.want("verdict.bad", app, 1)
	j.want("rollback.done", app, 0)
	f.stands(j, app, "1.1")
	j.wantOnce()
}

func TestNotify(t *testing.T) {
	f := newFixture(t)
	j := f.journal(f.undog(setup{policy: "action: notify"}).NATSURL)
	f.proven(j, 2)
	f.release(app, "crash")
	bad := j.await("verdict.bad", app, "crash")
	if bad.Data.Action != "notify" {
		t.Errorf("action is %q, want notify", bad.Data.Action)
	}
	f.wantLeft(j, "crash")
}

// paused waits for undog's pause of the bad release.
func (f *fixture) paused(j *journal) {
	f.t.Helper()
	f.proven(j, 2)
	f.release(app, "crash")
	j.await("verdict.bad", app, "crash")
	j.await("rollout.paused", app, "crash")
	f.deployment(app, "pause", func(d *appsv1.Deployment) bool { return d.Spec.Paused && imageOf(d) == image("crash") })
	f.givenBack(app)
}

func (f *fixture) wantPauses(want int) {
	f.t.Helper()
	f.wantUndos(app)
	if got := f.answers(app, "/spec/paused"); len(got) != want {
		f.t.Errorf("audit log has undog change the pause %v, want %d times", got, want)
	}
}

// After undog resume the rollout goes on, and is not paused again.
func TestPauseAndResume(t *testing.T) {
	f := newFixture(t)
	j := f.journal(f.undog(setup{policy: "action: pause"}).NATSURL)
	f.paused(j)
	f.wantPauses(1)
	f.must("undog", "resume", f.namespace+"/"+app, "--kubeconfig", undogKubeconfig)
	f.deployment(app, "end of the pause", func(d *appsv1.Deployment) bool { return !d.Spec.Paused })
	f.restarts("crash", 6)
	if d := f.get(app); d.Spec.Paused || imageOf(d) != image("crash") {
		t.Errorf("paused is %v with %s after it was resumed by hand", d.Spec.Paused, imageOf(d))
	}
	// The pause and its end.
	f.wantPauses(2)
	f.givenBack(app)
	f.stands(j, app, "1.1")
	f.wantPauses(2)
	j.wantOnce()
}

// A new template is a new rollout: undog takes its pause back by itself.
func TestPauseEndsWithTheTemplate(t *testing.T) {
	f := newFixture(t)
	j := f.journal(f.undog(setup{policy: "action: pause"}).NATSURL)
	f.paused(j)
	f.release(app, "1.1")
	f.isGood(j, app, "1.1")
	if n := j.count("rollout.resumed", app); n != 1 {
		t.Errorf("stream has %d events rollout.resumed, want 1: %s", n, j.kinds(app))
	}
	f.wantPauses(2)
	f.givenBack(app)
	j.wantOnce()
}
