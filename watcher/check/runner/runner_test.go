package runner_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/persona"
)

// counts are the numbers of a result.
type counts struct{ New, NewFailed, Old, OldFailed int }

func of(r policy.CheckResult) counts { return counts{r.New, r.NewFailed, r.Old, r.OldFailed} }

func TestPlay(t *testing.T) {
	welcome := check.Expect{Body: check.BodyExpect{Contains: []string{"Welcome admin!"}}}
	for name, tt := range map[string]struct {
		now, old string
		olds     int
		expect   check.Expect
		want     counts
		reason   check.Reason
		absolute bool
	}{
		"fine":                     {good, good, 3, check.Expect{}, counts{1, 0, 2, 0}, "", false},
		"a hole":                   {broken, good, 2, check.Expect{}, counts{1, 1, 2, 0}, check.ReasonDifference, false},
		"expected":                 {broken, good, 2, welcome, counts{1, 1, 2, 0}, check.ReasonExpectation, true},
		"one old pod counts once":  {broken, good, 1, check.Expect{}, counts{1, 1, 1, 0}, check.ReasonDifference, false},
		"no old pod":               {broken, "", 0, welcome, counts{1, 1, 0, 0}, check.ReasonExpectation, true},
		"nothing to compare with":  {broken, "", 0, check.Expect{}, counts{}, "", false},
		"the check is wrong":       {good, good, 2, check.Expect{Status: []string{"204"}}, counts{1, 1, 2, 2}, check.ReasonExpectation, true},
		"the bug is in the old":    {good, broken, 2, welcome, counts{1, 0, 2, 2}, "", false},
		"the new one is silent":    {"", good, 2, check.Expect{}, counts{1, 1, 2, 0}, check.ReasonUnreachable, false},
		"the old ones are silent":  {good, "", 2, check.Expect{}, counts{0, 0, 2, 2}, "", false},
		"all of them are silent":   {"", "", 2, check.Expect{}, counts{}, check.ReasonUnreachable, false},
		"silent and nothing to it": {"", "", 0, check.Expect{}, counts{}, check.ReasonUnreachable, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			w.pod("new-1", newRS, "n1", tt.now)
			for i := range tt.olds {
				w.pod(fmt.Sprint("old-", i), oldRS, fmt.Sprint("n", i), tt.old)
			}
			r := w.runner(nil, front(tt.expect)).Play(t.Context(), decision("front"))
			if of(r) != tt.want || r.Reason != string(tt.reason) || r.Absolute != tt.absolute {
				t.Errorf("got %+v %s absolute %v (%s), want %+v %s %v", of(r), r.Reason, r.Absolute, r.Message, tt.want, tt.reason, tt.absolute)
			}
			if r.DecisionID != "d" || r.Check != "front" || r.Revision != newRS || r.Workload.UID != "w" || r.At.IsZero() {
				t.Errorf("the result says of itself %+v", r)
			}
			if want := []policy.CheckedPod{{Name: "new-1", Node: "n1", Failed: tt.want.NewFailed > 0}}; tt.want.New > 0 && !reflect.DeepEqual(r.Pods, want) {
				t.Errorf("pods %+v, want %+v", r.Pods, want)
			}
		})
	}
}

// One old pod of two that is silent, or wrong, counts on its own side.
func TestSidesAreCountedAlike(t *testing.T) {
	w := newTown(t)
	w.pod("new-1", newRS, "n1", good)
	w.pod("old-1", oldRS, "n1", good)
	w.pod("old-2", oldRS, "n2", broken)
	r := w.runner(nil, front(check.Expect{})).Play(t.Context(), decision("front"))
	if of(r) != (counts{1, 0, 2, 1}) {
		t.Errorf("an old pod with a hole: %+v %s", of(r), r.Message)
	}
}

// Every pod gets its turn, and every node before one gets it again.
func TestTurns(t *testing.T) {
	w := newTown(t)
	for i := range 6 {
		w.pod(fmt.Sprint("new-", i), newRS, fmt.Sprint("n", i/3), good)
		w.pod(fmt.Sprint("old-", i), oldRS, fmt.Sprint("n", i/3), good)
	}
	r := w.runner(nil, front(check.Expect{}))
	var nodes []string
	for range 6 {
		nodes = append(nodes, r.Play(t.Context(), decision("front")).Pods[0].Node)
	}
	for i := range 6 {
		if n := w.times(fmt.Sprint("new-", i)); n != 1 {
			t.Errorf("new-%d was asked %d times in 6 plays, want once", i, n)
		}
		if n := w.times(fmt.Sprint("old-", i)); n != 2 {
			t.Errorf("old-%d was asked %d times in 6 plays, want twice", i, n)
		}
	}
	if nodes[0] == nodes[1] {
		t.Errorf("the nodes' turns are %v", nodes)
	}
}

// What the watcher does not know yet is seen right before the play.
func TestPodsAreReadAnew(t *testing.T) {
	now := metav1.NewTime(time.Unix(1, 0))
	for name, change := range map[string]func(*corev1.Pod){
		"is being terminated":         func(p *corev1.Pod) { p.DeletionTimestamp, p.Finalizers = &now, []string{"x/y"} },
		"is not ready":                func(p *corev1.Pod) { p.Status.Conditions[0].Status = corev1.ConditionFalse },
		"does not run":                func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed },
		"another one of that name":    func(p *corev1.Pod) { p.UID = "other" },
		"belongs to another revision": func(p *corev1.Pod) { p.OwnerReferences[0].UID = "other" },
	} {
		w := newTown(t)
		w.pod("new-1", newRS, "n1", broken)
		w.change("new-1", change)
		r := w.runner(nil, front(check.Expect{Status: []string{"404"}}))
		got := r.Play(t.Context(), decision("front"))
		if of(got) != (counts{}) || got.Reason != string(check.ReasonNoPod) || !strings.Contains(got.Message, name) || w.times("new-1") > 0 {
			t.Errorf("%s: %+v %s %s, asked %d times", name, of(got), got.Reason, got.Message, w.times("new-1"))
		}
		w.pod("new-2", newRS, "n1", good)
		if got := r.Play(t.Context(), decision("front")); got.New != 1 || got.Pods[0].Name != "new-2" {
			t.Errorf("%s: the other pod does not take its place: %+v", name, got)
		}
	}
}

// What two old pods said is kept, and convicts once they are gone.
func TestBaselineOfAReplacedRevision(t *testing.T) {
	w := newTown(t)
	w.pod("new-1", newRS, "n1", broken)
	w.pod("old-1", oldRS, "n1", good)
	w.pod("old-2", oldRS, "n2", good)
	r := w.runner(nil, front(check.Expect{}))
	r.Play(t.Context(), decision("front"))
	w.gone(oldRS)
	got := r.Play(t.Context(), decision("front"))
	if of(got) != (counts{1, 1, 0, 0}) || !got.Absolute || !strings.Contains(got.Message, "what was kept of the old revision") {
		t.Errorf("got %+v absolute %v: %s", of(got), got.Absolute, got.Message)
	}
	if r.Stats().Baselines == 0 || r.Stats().Playing != 0 {
		t.Errorf("stats = %+v", r.Stats())
	}
}

// A workload that is recreated is asked twice while it is young, so that the
// next revision has something to be held against.
func TestBaselineOfARecreatedWorkload(t *testing.T) {
	w := newTown(t)
	w.recreate = true
	w.pod("old-1", oldRS, "n1", good)
	r := w.runner(nil, front(check.Expect{}))
	young := decision("front")
	young.From, young.To = young.To, policy.RevisionRef{}
	r.Play(t.Context(), young)
	r.Play(t.Context(), young)
	if n := w.times("old-1"); n != 3 {
		t.Errorf("asked %d times in two plays, want once more than that", n)
	}
	w.gone(oldRS)
	w.pod("new-1", newRS, "n1", broken)
	if got := r.Play(t.Context(), decision("front")); got.NewFailed != 1 || !got.Absolute {
		t.Errorf("got %+v: %s", of(got), got.Message)
	}
}

func TestPersonas(t *testing.T) {
	w := newTown(t)
	w.served("new-1", newRS, "n1", http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(out, "you sent ", r.Header.Get("Authorization"))
	}), true)
	c := front(check.Expect{Body: check.BodyExpect{Contains: []string{"nothing"}}})
	c.Persona, c.Headers = "admin", map[string]string{"Authorization": "{{ .persona.token }}"}
	r := w.runner([]persona.Source{{Name: "admin", SecretNamespace: "shop", SecretName: "undog-persona"}}, c)
	got := r.Play(t.Context(), decision("front"))
	if got.Reason != string(check.ReasonPersona) || !strings.Contains(got.Message, "no Secret shop/undog-persona") || w.times("new-1") > 0 {
		t.Errorf("without its Secret: %s %s", got.Reason, got.Message)
	}
	if err := w.client.Tracker().Add(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "undog-persona"}, Data: map[string][]byte{"token": []byte("s3cr3t-t0k3n\n")},
	}); err != nil {
		t.Fatal(err)
	}
	got = r.Play(t.Context(), decision("front"))
	if got.NewFailed != 1 || strings.Contains(fmt.Sprintf("%+v", got), "s3cr3t") {
		t.Errorf("with it: %+v", got)
	}
}

func TestPatience(t *testing.T) {
	w := newTown(t)
	w.served("new-1", newRS, "n1", http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Retry-After", "17")
		out.WriteHeader(http.StatusTooManyRequests)
	}), true)
	got := w.runner(nil, front(check.Expect{})).Play(t.Context(), decision("front"))
	if got.RetryAfter != 17*time.Second || got.Reason != string(check.ReasonRateLimited) || got.New != 0 {
		t.Errorf("got %+v", got)
	}
}

// A port that the new revision does not have is one that it does not listen on.
func TestPortsByName(t *testing.T) {
	w := newTown(t)
	w.pod("new-1", newRS, "n1", good)
	w.pod("old-1", oldRS, "n1", good)
	w.change("new-1", func(p *corev1.Pod) { p.Spec.Containers[0].Ports[0].Name = "http" })
	c := front(check.Expect{})
	c.Port = webPort
	got := w.runner(nil, c).Play(t.Context(), decision("front"))
	if of(got) != (counts{1, 1, 1, 0}) || !strings.Contains(got.Message, "no port called web; it has http") {
		t.Errorf("got %+v: %s", of(got), got.Message)
	}
}

func TestUnknownCheckIsAnswered(t *testing.T) {
	got := newTown(t).runner(nil).Play(t.Context(), decision("front"))
	if got.Reason == "" || got.Check != "front" || got.New != 0 {
		t.Errorf("got %+v", got)
	}
}
