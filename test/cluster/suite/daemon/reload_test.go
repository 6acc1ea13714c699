package daemon_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/notify"
)

// edited is the configuration file of an undog that runs.
type edited struct {
	f    *fixture
	dir  string
	path string
}

// rename puts a text in the place of the file, as editors do.
func (e *edited) rename(text string) {
	e.f.t.Helper()
	next := e.path + ".new"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		e.f.t.Fatal(err)
	}
	if err := os.Rename(next, e.path); err != nil {
		e.f.t.Fatal(err)
	}
}

// mount makes the file a link to one behind ..data, as in a ConfigMap's folder,
// and turns ..data to a text.
func (e *edited) mount(version, text string) {
	e.f.t.Helper()
	folder := filepath.Join(e.dir, version)
	must := func(err error) {
		e.f.t.Helper()
		if err != nil {
			e.f.t.Fatal(err)
		}
	}
	must(os.Mkdir(folder, 0o700))
	must(os.WriteFile(filepath.Join(folder, "undog.yaml"), []byte(text), 0o600))
	must(os.Symlink(version, filepath.Join(e.dir, "..data_tmp")))
	must(os.Rename(filepath.Join(e.dir, "..data_tmp"), filepath.Join(e.dir, "..data")))
	if info, err := os.Lstat(e.path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		must(os.Symlink("..data/undog.yaml", e.path+".new"))
		must(os.Rename(e.path+".new", e.path))
	}
}

// read is what the file holds.
func (e *edited) read() string {
	e.f.t.Helper()
	raw, err := os.ReadFile(e.path)
	if err != nil {
		e.f.t.Fatal(err)
	}
	return string(raw)
}

// hears waits for the n-th event of the kind that undog tells of itself.
func (j *journal) hears(what string, n int) notify.Event {
	j.f.t.Helper()
	for {
		j.mu.Lock()
		changed := j.changed
		left := n
		for _, e := range j.events {
			if kind(e) == what && e.Data.Workload.Kind == "Undog" {
				if left--; left == 0 {
					j.mu.Unlock()
					return e
				}
			}
		}
		j.mu.Unlock()
		j.f.wait(what, changed)
	}
}

// foretell asks undog config check, before undog itself, what undog that runs by
// one text makes of another; why is said of one that is not taken.
func (e *edited) foretell(running, text string, code int) (why string) {
	e.f.t.Helper()
	dir := e.f.t.TempDir()
	old, now := filepath.Join(dir, "old.yaml"), filepath.Join(dir, "now.yaml")
	if err := errors.Join(os.WriteFile(old, []byte(running), 0o600), os.WriteFile(now, []byte(text), 0o600)); err != nil {
		e.f.t.Fatal(err)
	}
	out, err := e.f.tool("undog", "config", "check", now, "--against", old, "-o", "json")
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		e.f.t.Fatal(err)
	}
	if got != code {
		e.f.t.Errorf("foretold with exit code %d, want %d:\n%s", got, code, out)
	}
	if code == 1 {
		return out
	}
	var answer struct{ Why string }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		e.f.t.Fatalf("read what is foretold: %v\n%s", err, out)
	}
	return answer.Why
}

// A configuration is taken while a rollout is under way, and at once where it
// forbids more. One that cannot be used is told of, and changes nothing.
func TestReload(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	undog := f.undog(setup{dir: dir})
	file := &edited{f, dir, filepath.Join(dir, "undog.yaml")}
	enforce := file.read()
	observe := strings.Replace(enforce, "mode: enforce", "mode: observe", 1)
	j := f.journal(undog.NATSURL)
	f.proven(j, 2)

	f.release(app, "crash")
	j.await("rollout.suspect", app, "crash")
	file.foretell(enforce, observe, 0)
	file.rename(observe)
	if e := j.hears("config.reloaded", 1); e.Data.Reason != "Changed" || !strings.Contains(e.Data.Message, `mode: "enforce" → "observe"`) {
		t.Errorf("told %s: %s", e.Data.Reason, e.Data.Message)
	}
	j.await("rollback.would-have", app, "crash")
	f.shows(undog, "/metrics", http.StatusOK, `undog_config_reloads_total{result="applied"} 1`, "undog_config_last_reload_successful 1")

	const unknown = "polices: unknown key; did you mean policies?"
	if why := file.foretell(observe, enforce+"polices: []\n", 1); !strings.Contains(why, unknown) {
		t.Errorf("foretold %s", why)
	}
	file.rename(enforce + "polices: []\n")
	if e := j.hears("config.rejected", 1); e.Data.Reason != "Invalid" || !strings.Contains(e.Data.Message, unknown) {
		t.Errorf("told %s: %s", e.Data.Reason, e.Data.Message)
	}
	f.shows(undog, "/readyz?verbose", http.StatusOK, "[~]configuration degraded: Invalid since ", "polices")
	f.shows(undog, "/metrics", http.StatusOK, `undog_config_reloads_total{result="rejected"} 1`, "undog_config_last_reload_successful 0")
	file.foretell(observe, "", 1)
	file.rename("")
	if e := j.hears("config.rejected", 2); !strings.Contains(e.Data.Message, "the file says nothing") {
		t.Errorf("told %s: %s", e.Data.Reason, e.Data.Message)
	}
	// Nor is anything of it: the level stays as well.
	loud := strings.NewReplacer("format: json", "format: json, level: debug")
	other := loud.Replace(strings.Replace(enforce, "cluster: demo", "cluster: other", 1))
	why := file.foretell(observe, other, 3)
	file.rename(other)
	if e := j.hears("config.rejected", 3); e.Data.Reason != "NeedsRestart" || !strings.Contains(why, `cluster: "demo" → "other"`) || !strings.Contains(e.Data.Message, why) {
		t.Errorf("told %s: %s", e.Data.Reason, e.Data.Message)
	}
	f.wantLeft(j, "crash")

	// As the kubelet does it. What allows more counts from the next rollout on.
	file.mount("..1", enforce)
	j.hears("config.reloaded", 2)
	f.shows(undog, "/readyz?verbose", http.StatusOK, "[+]configuration ok\n")
	f.release(app, "missing")
	j.await("rollback.done", app, "missing")
	f.running(app, "1.1")
	if got := j.count("rollback.done", app); got != 1 {
		t.Errorf("%d undos, want one: %s", got, j.kinds(app))
	}

	// Who asks gets an answer in the log, and undog lives on.
	if err := syscall.Kill(undog.Pid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	f.logs(dir, "the configuration file was read again and says nothing new")

	// What is published from now on is logged, and nothing was before.
	const published = "event published"
	if n := f.logged(dir, published); n > 0 {
		t.Errorf("%d lines of the level debug, which nobody asked for", n)
	}
	file.foretell(enforce, loud.Replace(observe), 0)
	file.mount("..2", loud.Replace(observe))
	if e := j.hears("config.reloaded", 3); !strings.Contains(e.Data.Message, `log.level: "info" → "debug"`) {
		t.Errorf("told %s", e.Data.Message)
	}
	f.logs(dir, published)
}

// logs waits for a line of undog's log.
func (f *fixture) logs(dir, text string) {
	f.t.Helper()
	err := wait.PollUntilContextCancel(f.ctx, 100*time.Millisecond, true, func(context.Context) (bool, error) {
		return f.logged(dir, text) > 0, nil
	})
	if err != nil {
		f.t.Fatalf("wait for undog to log %q: %v", text, err)
	}
}
