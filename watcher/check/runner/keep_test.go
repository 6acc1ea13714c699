package runner_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/persona"
)

// What a settled revision says is kept, and the one that replaces it at once is
// held against that.
func TestKeepOfASettledRevision(t *testing.T) {
	for name, pods := range map[string]int{"one pod": 1, "two pods": 2, "three pods": 3} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			for i := range pods {
				w.pod(fmt.Sprint("old-", i), oldRS, "n1", good)
			}
			r := w.runner(nil, front(check.Expect{}))
			d := decision("front")
			if !r.Lacks(d.Workload, d.To, d.Check) {
				t.Fatal("nothing is lacking before anything was kept")
			}
			if patience, err := r.Keep(t.Context(), d.Workload, d.To, d.Check); err != nil || patience != 0 {
				t.Fatalf("got %v, %v", patience, err)
			}
			asked, most := 0, 0
			for i := range pods {
				n := w.times(fmt.Sprint("old-", i))
				asked, most = asked+n, max(most, n)
			}
			if asked != 2 || most != 2/min(pods, 2) {
				t.Errorf("asked %d times, one pod %d times", asked, most)
			}
			if r.Lacks(d.Workload, d.To, d.Check) || !r.Lacks(d.Workload, d.From, d.Check) || r.Stats().Playing != 0 {
				t.Error("it is not known what is kept")
			}
			w.gone(oldRS)
			w.pod("new-1", newRS, "n1", broken)
			if got := r.Play(t.Context(), d); of(got) != (counts{1, 1, 0, 0}) || !got.Absolute || got.Reason != string(check.ReasonDifference) {
				t.Errorf("got %+v: %s", of(got), got.Message)
			}
		})
	}
}

// A try that gives nothing ends with what it found first.
func TestNothingToKeep(t *testing.T) {
	busy := http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Retry-After", "17")
		out.WriteHeader(http.StatusTooManyRequests)
	})
	for name, tt := range map[string]struct {
		h        http.Handler
		change   func(*corev1.Pod)
		persona  string
		says     string
		patience time.Duration
		asked    int
	}{
		"the check fails": {says: "status", asked: 1},
		"too many":        {h: busy, says: string(check.ReasonRateLimited), patience: 17 * time.Second, asked: 1},
		"no Secret":       {persona: "admin", says: "no Secret"},
		"it is leaving": {says: "is being terminated", change: func(p *corev1.Pod) {
			p.DeletionTimestamp, p.Finalizers = &metav1.Time{Time: time.Unix(1, 0)}, []string{"x/y"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			if tt.h == nil {
				tt.h = http.NotFoundHandler()
			}
			w.served("old-1", oldRS, "n1", tt.h, true)
			if tt.change != nil {
				w.change("old-1", tt.change)
			}
			c := front(check.Expect{Status: []string{"200"}})
			c.Persona = tt.persona
			r := w.runner([]persona.Source{{Name: "admin", SecretNamespace: "shop", SecretName: "none"}}, c)
			d := decision("front")
			patience, err := r.Keep(t.Context(), d.Workload, d.To, d.Check)
			if err == nil || !strings.Contains(err.Error(), tt.says) || patience != tt.patience || w.times("old-1") != tt.asked {
				t.Errorf("got %v, %v, asked %d times, want %v, %s, %d", patience, err, w.times("old-1"), tt.patience, tt.says, tt.asked)
			}
			if !r.Lacks(d.Workload, d.To, d.Check) || r.Stats().Playing != 0 {
				t.Errorf("something is kept, or still played: %+v", r.Stats())
			}
		})
	}
}

// Only what compares is kept.
func TestNothingToCompare(t *testing.T) {
	w := newTown(t)
	w.logs = written{}
	w.pod("old-1", oldRS, "n1", good)
	d := decision("tracebacks")
	r := w.runner(nil, tracebacks)
	for _, name := range []string{"tracebacks", "unknown"} {
		if r.Lacks(d.Workload, d.To, name) {
			t.Errorf("%s lacks something to compare with", name)
		}
		if _, err := r.Keep(t.Context(), d.Workload, d.To, name); err == nil {
			t.Errorf("what %s says is kept", name)
		}
	}
}
