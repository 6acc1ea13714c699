package checkrun_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/cmd/undog/checkrun"
	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/watcher/api/apitest"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/execute"
	"github.com/undog-dev/undog/watcher/check/logs"
	"github.com/undog-dev/undog/watcher/check/play"
)

// fakes are pods as the parts that reach them see them. What a revision is like
// is known by the names of its pods.
type fakes struct {
	t *testing.T
	// sites answer requests, codes are exit codes and lines are logs, by the
	// name of the revision's ReplicaSet.
	sites map[string]http.Handler
	codes map[string]int
	lines map[string]string
	// failures has what the counters of failures say, look by look.
	failures map[string][]float64
}

// revision is the ReplicaSet of a pod.
func revision(pod string) string { return pod[:strings.LastIndex(pod, "-")] }

func (f *fakes) Target(_ context.Context, pod *corev1.Pod, port string) (play.Target, error) {
	if port != "" {
		return play.Target{}, fmt.Errorf("pod %s has no port called %s", pod.Name, port)
	}
	return target(f.t, pod.Name, f.sites[revision(pod.Name)]), nil
}

func (f *fakes) Get(_ context.Context, name string) (play.Persona, error) {
	if name != "admin" {
		return play.Persona{}, errors.New("there is no Secret shop/" + name)
	}
	return persona, nil
}

func (f *fakes) Run(_ context.Context, c execute.Command, _ io.Writer) (int, error) {
	return f.codes[revision(c.Pod)], nil
}

func (f *fakes) Open(_ context.Context, r logs.Request) (io.ReadCloser, error) {
	text := ""
	if line := f.lines[revision(r.Pod)]; line != "" && !r.Previous {
		text = time.Now().UTC().Add(-time.Second).Format(time.RFC3339Nano) + " " + line + "\n"
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

func (f *fakes) Ask(_ context.Context, query string, at time.Time) (float64, error) {
	_, name, _ := strings.Cut(query, "@")
	look := at.Second() / 15
	if strings.HasPrefix(query, "total") {
		return float64(100 + 100*look), nil
	}
	return f.failures[name][look], nil
}

func (f *fakes) play(t *testing.T, c check.Check, ready ...int) (checkrun.Result, string) {
	t.Helper()
	chosen, err := checkrun.Choose(t.Context(), apitest.From(cluster(ready...)), checkrun.Wanted{Namespace: "shop", Deployment: "web"})
	if err != nil {
		t.Fatal(err)
	}
	stage := checkrun.Stage{Way: f, Personas: f, Commands: f, Logs: f, Metrics: f}
	r, err := stage.Play(t.Context(), &c, chosen)
	if err != nil {
		t.Fatal(err)
	}
	p := page.New(page.Default, false)
	r.Lay(p, 2)
	return r, p.String()
}

func TestPlay(t *testing.T) {
	front := check.Expect{Body: check.BodyExpect{Contains: []string{"Welcome admin!"}}}
	elsewhere, nobody := greeting(front), greeting(front)
	elsewhere.Port, nobody.Persona = "admin", "nobody"
	command := check.Check{Name: "selftest", Exec: &check.Exec{Command: []string{"/selftest"}}}
	log := check.Check{Name: "tracebacks", Log: &check.Log{Patterns: []string{"Traceback"}}}
	good, bad := site("Welcome admin!"), site("Welcome !")
	for name, tt := range map[string]struct {
		check   check.Check
		fakes   fakes
		ready   []int
		outcome check.Outcome
		texts   []string
	}{
		"requests": {
			greeting(front),
			fakes{sites: map[string]http.Handler{"web-1": good, "web-2": bad}},
			[]int{2, 2},
			check.Failed,
			[]string{"revision 1 passed at the same moment", "1 result of the new revision, 1 failed; 2 results of the old one, 0 failed"},
		},
		"requests, one old pod": {
			greeting(check.Expect{}),
			fakes{sites: map[string]http.Handler{"web-1": good, "web-2": bad}},
			[]int{1, 1},
			check.Failed,
			[]string{"failed without an expectation: revision 2 lost what revision 1 has", "1 result of the old one, 0 failed"},
		},
		"no such port": {
			elsewhere, fakes{}, []int{1, 1}, check.Inconclusive, []string{"(Unreachable)", "has no port called admin"},
		},
		"no Secret": {
			nobody, fakes{}, []int{1, 1}, check.Inconclusive, []string{"greeting on shop/web is inconclusive (Persona): there is no Secret shop/nobody"},
		},
		"a command fails": {
			command,
			fakes{codes: map[string]int{"web-2": 3}},
			[]int{2, 2},
			check.Failed,
			[]string{"selftest on shop/web failed: the command exited with code 3, expected was 0; revision 1 passed at the same moment", "✗ pod web-2-0 of the new revision failed"},
		},
		"a command fails on both": {
			command, fakes{codes: map[string]int{"web-1": 3, "web-2": 3}}, []int{1, 1}, check.Inconclusive, []string{"it fails on the old revision too"},
		},
		"a command passes": {
			command, fakes{}, []int{1, 1}, check.Passed, []string{"selftest on shop/web passed: revision 2 does what is expected, and so does revision 1"},
		},
		"a command, one revision": {
			command,
			fakes{codes: map[string]int{"web-2": 3}},
			[]int{0, 2},
			check.Failed,
			[]string{"failed: the command exited with code 3, expected was 0; there was nothing to compare with", "2 results of the new revision, 2 failed"},
		},
		"a log": {
			log,
			fakes{lines: map[string]string{"web-2": "Traceback \x1b[2J(most recent call last)"}},
			[]int{1, 1},
			check.Failed,
			[]string{"tracebacks on shop/web failed", "Traceback"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tt.fakes.t = t
			r, text := tt.fakes.play(t, tt.check, tt.ready...)
			if outcome := r.Judged().Outcome; outcome != tt.outcome {
				t.Errorf("it is %s, want %s", outcome, tt.outcome)
			}
			unbroken := strings.Join(strings.Fields(text), " ")
			for _, want := range tt.texts {
				if !strings.Contains(unbroken, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			if strings.Contains(text, "\x1b") {
				t.Errorf("%q steers the terminal", text)
			}
		})
	}
}

// Counters are looked at twice: the first look has nothing to count from.
func TestPlayCounters(t *testing.T) {
	counters := check.Check{Name: "errors", Metric: &check.Metric{Failures: "failures@{{ .replicaset }}", Total: "total@{{ .replicaset }}"}}
	synctest.Test(t, func(t *testing.T) {
		f := fakes{t: t, failures: map[string][]float64{"web-1": {3, 3}, "web-2": {0, 100}}}
		r, text := f.play(t, counters, 1, 1)
		if r.Sample.NewFailed == 0 || r.Sample.NewFailed != r.Sample.New || r.Sample.OldFailed != 0 || r.Sample.Old == 0 {
			t.Errorf("sample %+v\n%s", r.Sample, text)
		}
	})
}

// Whoever stops the command does not wait for the second look.
func TestPlayCountersIsStopped(t *testing.T) {
	counters := check.Check{Name: "errors", Metric: &check.Metric{Failures: "failures@{{ .replicaset }}", Total: "total@{{ .replicaset }}"}}
	chosen, err := checkrun.Choose(t.Context(), apitest.From(cluster(1, 1)), checkrun.Wanted{Namespace: "shop", Deployment: "web"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	f := &fakes{failures: map[string][]float64{"web-1": {0, 0}, "web-2": {0, 0}}}
	stage := checkrun.Stage{Metrics: f}
	if r, err := stage.Play(ctx, &counters, chosen); err != nil || r.Judged().Outcome != check.Inconclusive {
		t.Errorf("got %+v, %v", r.Sample, err)
	}
}

func TestWorst(t *testing.T) {
	result := func(o check.Outcome) checkrun.Result {
		return checkrun.Result{Old: &checkrun.Side{}, Sample: check.Sample{Result: check.Result{Outcome: o}}}
	}
	passed, failed, open := result(check.Passed), result(check.Failed), result(check.Inconclusive)
	for want, results := range map[check.Outcome][]checkrun.Result{
		check.Passed: {passed, passed}, check.Failed: {open, failed, passed}, check.Inconclusive: {passed, open},
	} {
		if got := checkrun.Worst(results); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
