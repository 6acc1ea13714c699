package daemon_test

import (
	"slices"
	"strings"
	"testing"

	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/undog-dev/undog/notify/kubeevents"
)

// ofUndog are the Events of the Deployment that undog wrote, in the order of
// their names, which is the one in which the API server lists them.
func (f *fixture) ofUndog(name string) []eventsv1.Event {
	f.t.Helper()
	all, err := admin.EventsV1().Events(f.namespace).List(f.ctx, metav1.ListOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return slices.DeleteFunc(all.Items, func(e eventsv1.Event) bool {
		return e.ReportingController != kubeevents.Controller || e.Regarding.Name != name
	})
}

// shown waits for an Event of the Deployment with the reason.
func (f *fixture) shown(name, reason string, ok func(*eventsv1.Event) bool) *eventsv1.Event {
	f.t.Helper()
	return until(f, admin.EventsV1().RESTClient(), "events", fields.Everything(), "Event "+reason, func(e *eventsv1.Event) bool {
		return e.ReportingController == kubeevents.Controller && e.Regarding.Name == name && e.Reason == reason && ok(e)
	})
}

func anyEvent(*eventsv1.Event) bool { return true }

// story is what the Events say, in their order.
func story(events []eventsv1.Event) string {
	var out []string
	for _, e := range events {
		line := e.Type + " " + e.Reason + " " + e.Action + ": " + e.Note
		if e.Related != nil {
			line = strings.ReplaceAll(line, e.Related.Name, "it")
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// kubectl describe shows what became of a release, each step once, in order.
func TestKubectlDescribe(t *testing.T) {
	f := newFixture(t)
	undog := f.undog(setup{})
	j := f.journal(undog.NATSURL)
	f.proven(j, 2)
	good := f.replicaSet(image("1.0"))
	f.release(app, "crash")
	f.undone(j, "crash")
	j.await("rollout.recovered", app, "1.0")
	f.release(app, "crash")
	j.await("rollback.contested", app, "crash")
	f.stands(j, app, "1.1")
	if err := undog.Stop(f.ctx); err != nil {
		t.Errorf("undog ends with %v", err)
	}
	events := f.ofUndog(app)
	// When the evidence begins, and whether it is told of apart from the
	// verdict, is a matter of milliseconds.
	settled := slices.DeleteFunc(slices.Clone(events), func(e eventsv1.Event) bool {
		return slices.Contains([]string{"RolloutStarted", "RolloutSuspect", "RolloutCleared", "RolloutHeld"}, e.Reason)
	})
	want := strings.Join([]string{
		"Normal RevisionGood Judge: it proved itself: BakeComplete",
		"Warning RevisionConvicted Judge: it is bad: CrashLoop",
		"Warning RolledBack Rollback: it was undone in favour of " + good + ": CrashLoop",
		"Normal RolloutRecovered Judge: it, which was returned to, is complete: Available",
		"Warning RollbackContested Hold: it was undone and is back; undog does not fight over it: Reapplied",
		"Normal RevisionGood Judge: it proved itself: BakeComplete",
	}, "\n")
	if got := story(settled); got != want {
		t.Errorf("the Events of the Deployment say\n%s\nwant\n%s", got, want)
	}
	d := f.get(app)
	for _, e := range events {
		if e.Regarding.UID != d.UID || e.Related == nil || e.Related.Kind != "ReplicaSet" || e.EventTime.IsZero() || e.ReportingInstance == "" {
			t.Errorf("Event %s regards %v, is related to %v, of %v by %q", e.Name, e.Regarding, e.Related, e.EventTime, e.ReportingInstance)
		}
	}
	if !slices.IsSortedFunc(events, func(a, b eventsv1.Event) int { return a.EventTime.Compare(b.EventTime.Time) }) {
		t.Errorf("the order of names is not that of time: %s", story(events))
	}
	f.wantDescribed(settled)
}

// wantDescribed fails unless kubectl describe shows the Events. It sorts them by
// whole seconds, and here several things happen in one.
func (f *fixture) wantDescribed(events []eventsv1.Event) {
	f.t.Helper()
	out, err := f.tool("kubectl", "--kubeconfig", control.Kubeconfig(), "--namespace", f.namespace, "describe", "deployment", app)
	if err != nil {
		f.t.Fatalf("kubectl describe: %v\n%s", err, out)
	}
	described := string(out)
	_, rest, _ := strings.Cut(described, "\nEvents:")
	for _, e := range events {
		if !strings.Contains(rest, e.Note+"\n") {
			f.t.Errorf("kubectl describe does not show %q:\n%s", e.Note, described)
		}
	}
}

// replicaSet is the name of the ReplicaSet with the image.
func (f *fixture) replicaSet(image string) string {
	f.t.Helper()
	all, err := admin.AppsV1().ReplicaSets(f.namespace).List(f.ctx, metav1.ListOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, rs := range all.Items {
		if rs.Spec.Template.Spec.Containers[0].Image == image {
			return rs.Name
		}
	}
	f.t.Fatalf("there is no ReplicaSet with %s", image)
	return ""
}

// What happens again is counted in the Event that told of it first.
func TestRepeatedEventsAreASeries(t *testing.T) {
	f := newFixture(t)
	j := f.journal(f.undog(setup{}).NATSURL)
	f.proven(j, 2)
	f.recoverTwice(j)
	n := 0
	for _, e := range f.ofUndog(app) {
		if e.Reason == "RolloutRecovered" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("there are %d Events of a recovery, want one with a series", n)
	}
}

// recoverTwice has two bad releases undone, and waits until the second recovery
// is counted with the first.
func (f *fixture) recoverTwice(j *journal) {
	f.t.Helper()
	f.release(app, "crash-1")
	f.undone(j, "crash-1")
	first := f.shown(app, "RolloutRecovered", anyEvent)
	f.release(app, "crash-2")
	f.undone(j, "crash-2")
	again := f.shown(app, "RolloutRecovered", func(e *eventsv1.Event) bool { return e.Series != nil })
	if again.UID != first.UID || again.Series.Count != 2 || !again.Series.LastObservedTime.After(first.EventTime.Time) {
		f.t.Errorf("the second recovery is %s with series %+v, the first was %s at %s", again.Name, again.Series, first.Name, first.EventTime)
	}
}

// Observe mode tells what would have been done. Who turned Events off gets none.
func TestEventsInModeObserve(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		checks string
		want   int
	}{
		"on":  {"", 1},
		"off": {"kubernetesEvents: false", 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			undog := f.undog(setup{mode: "observe", checks: tt.checks})
			j := f.journal(undog.NATSURL)
			f.proven(j, 2)
			f.release(app, "crash")
			j.await("rollback.would-have", app, "crash")
			if err := undog.Stop(f.ctx); err != nil {
				t.Errorf("undog ends with %v", err)
			}
			events := f.ofUndog(app)
			n := 0
			for _, e := range events {
				if e.Reason == "RollbackWouldHave" && e.Type == "Warning" && e.Action == "Observe" {
					n++
				}
			}
			if n != tt.want || tt.want == 0 && len(events) > 0 {
				t.Errorf("there are %d Events of what would have been done, want %d:\n%s", n, tt.want, story(events))
			}
			f.wantUntouched(app)
		})
	}
}
