package watcher

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

const missing = `MountVolume.SetUp failed for volume "conf" : configmap "conf" not found`

func TestAPodThatIsStuckShowsItsEvent(t *testing.T) {
	s := oneRevision()
	p := podOf("rs-web", "a")
	s.ApplyPod(second(0), p)
	s.ApplyEvent(second(10), eventOf(p, "FailedMount", missing, second(9), 1))
	s.ApplyEvent(second(70), eventOf(p, "FailedMount", missing, second(70), 4))
	s.ApplyEvent(second(71), eventOf(p, "Pulled", "image pulled", second(71), 9))
	want := []policy.Failure{{
		Reason: "FailedMount", Message: missing, Pods: 1, Nodes: 1, Count: 4, MaxCount: 4, Repeated: 1,
		Samples: []string{"a"}, First: second(9), Last: second(70),
	}}
	if diff := difference(t, want, revisionAt(t, s, second(100)).Failures); diff != "" {
		t.Error(diff)
	}
	s.Take(second(100), 0)
	over := second(70).Add(NoteLasts)
	if !s.Due().Equal(over) && !s.Due().Equal(second(9).Add(NoteLasts)) {
		t.Errorf("due at %v, want when the event is over", s.Due())
	}
	s.Advance(over.Add(-time.Second))
	if f := revisionAt(t, s, over.Add(-time.Second)).Failures; len(f) != 1 {
		t.Errorf("failures %+v before the event is over", f)
	}
	if !s.Advance(over) || len(s.Take(over, 0)) != 1 {
		t.Error("nothing to take after the event is over")
	}
	if f := revisionAt(t, s, over).Failures; len(f) != 0 {
		t.Errorf("failures %+v of an event that is over", f)
	}
}

func TestEventsThatSayNothing(t *testing.T) {
	p := podOf("rs-web", "a")
	mount := eventOf(p, "FailedMount", missing, second(10), 1)
	other := mount.DeepCopy()
	other.InvolvedObject.UID = "pod-other"
	node := mount.DeepCopy()
	node.InvolvedObject.Kind = "Node"
	unscheduled := p.DeepCopy()
	unscheduled.Spec.NodeName = ""
	initialized := with(p, initializing(second(5), 1))
	for _, c := range []struct {
		name string
		pod  *corev1.Pod
		said *corev1.Event
	}{
		{"about another pod", p, other},
		{"about something else", p, node},
		{"old", p, eventOf(p, "FailedMount", missing, second(10).Add(-NoteLasts), 1)},
		{"another reason", p, eventOf(p, "FailedSync", "error determining status", second(10), 1)},
		{"the pod has no node", unscheduled, mount},
		{"an init container has run", initialized, mount},
		{"a container cannot be pulled", with(p, waitingFor("ErrImagePull", "no")), mount},
		{"it runs", with(p, running(second(8))), mount},
		{"it is deleted", with(p, deleting), mount},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, early := range []bool{true, false} {
				s := oneRevision()
				s.ApplyPod(second(1), p)
				if early {
					s.ApplyEvent(second(10), c.said)
				}
				changed := c.pod.DeepCopy()
				changed.ResourceVersion = "7"
				s.ApplyPod(second(10), changed)
				if !early {
					s.ApplyEvent(second(10), c.said)
				}
				for _, f := range revisionAt(t, s, second(11)).Failures {
					if f.Container == "" {
						t.Errorf("event first %v: it shows %+v", early, f)
					}
				}
			}
		})
	}
}

// TestProbesExplainExits wants the same whether the Event comes before or after
// the status.
func TestProbesExplainExits(t *testing.T) {
	const live, kill = "Liveness probe failed: HTTP probe failed with statuscode: 500", "Container app failed liveness probe, will be restarted"
	base := with(podOf("rs-web", "a"), running(second(0)))
	died := with(base, exited(second(60), 137))
	spoke := died.DeepCopy()
	spoke.Status.ContainerStatuses[0].State.Terminated.Message = "out of luck"
	sidecar := eventOf(base, "Unhealthy", live, second(59), 3)
	sidecar.InvolvedObject.FieldPath = "spec.containers{proxy}"
	for _, c := range []struct {
		name string
		pod  *corev1.Pod
		said []*corev1.Event
		want string
	}{
		{"nothing said", died, nil, ""},
		{"probe", died, []*corev1.Event{eventOf(base, "Unhealthy", live, second(59), 3)}, live},
		{"killing", died, []*corev1.Event{eventOf(base, "Killing", kill, second(59), 1)}, kill},
		{"both", died, []*corev1.Event{
			eventOf(base, "Killing", kill, second(59), 1), eventOf(base, "Unhealthy", live, second(58), 3),
		}, live},
		{"start-up probe", died, []*corev1.Event{eventOf(base, "Unhealthy", "Startup probe failed: no", second(59), 3)}, "Startup probe failed: no"},
		{"readiness probe", died, []*corev1.Event{eventOf(base, "Unhealthy", "Readiness probe failed: no", second(59), 3)}, ""},
		{"ordinary stop", died, []*corev1.Event{eventOf(base, "Killing", "Stopping container app", second(59), 1)}, ""},
		{"long ago", died, []*corev1.Event{eventOf(base, "Unhealthy", live, second(60-200), 3)}, ""},
		{"another container", died, []*corev1.Event{sidecar}, ""},
		{"the container said more", spoke, []*corev1.Event{eventOf(base, "Unhealthy", live, second(59), 3)}, "out of luck"},
	} {
		for _, early := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, event first %v", c.name, early), func(t *testing.T) {
				s := oneRevision()
				s.ApplyPod(second(1), base)
				if !early {
					s.ApplyPod(second(61), c.pod)
				}
				for _, e := range c.said {
					s.ApplyEvent(second(61), e)
				}
				if early {
					s.ApplyPod(second(61), c.pod)
				}
				f := revisionAt(t, s, second(62)).Failures
				if len(f) != 1 || f[0].ExitCode != 137 || f[0].Message != c.want {
					t.Errorf("failures %+v, want one with the message %q", f, c.want)
				}
			})
		}
	}
}

func TestEventSeries(t *testing.T) {
	p := podOf("rs-web", "a")
	e := eventOf(p, "FailedAttachVolume", "Multi-Attach error", time.Time{}, 0)
	e.FirstTimestamp, e.LastTimestamp = metav1.Time{}, metav1.Time{}
	e.EventTime = metav1.NewMicroTime(second(5))
	if r := reduceEvent(e); r.note.when != second(5).Unix() || r.note.count != 1 {
		t.Errorf("single event %+v", r.note)
	}
	e.Series = &corev1.EventSeries{Count: 7, LastObservedTime: metav1.NewMicroTime(second(50))}
	if r := reduceEvent(e); r.note.when != second(50).Unix() || r.note.count != 7 {
		t.Errorf("series %+v", r.note)
	}
}

// TestLongContainerOfAnEvent: an Event may name what its author likes.
func TestLongContainerOfAnEvent(t *testing.T) {
	if got, init := fieldContainer("spec.initContainers{" + strings.Repeat("x", 10_000) + "}"); len(text(got)) != maxName || !init {
		t.Errorf("a container name of %d bytes is kept (init %t), want %d", len(text(got)), init, maxName)
	}
}

// TestExitInTheFuture has a node's clock run an hour ahead: what a pod of it did is
// forgiven SettleAfter after it was seen, and not an hour later.
func TestExitInTheFuture(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	p := with(podOf("rs-web", "a"), running(second(1)))
	s.ApplyPod(second(1), p)
	p = with(p, exited(second(3602), 1))
	s.ApplyPod(second(2), p)
	s.ApplyPod(second(3), with(p, running(second(3603)), ready(true, second(3603))))
	if due, want := s.Due(), second(3).Add(SettleAfter); due.IsZero() || due.After(want) {
		t.Errorf("it is looked at again at %v, want no later than %v", due, want)
	}
}
