package lifecycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/lifecycle"
)

// env is a node on which what is missing can be set.
type env struct{ volumes, environment string }

func (e *env) Volumes(*v1.Pod) string                    { return e.volumes }
func (e *env) Environment(*v1.Pod, *v1.Container) string { return e.environment }

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// life plays a pod in virtual time and writes each change of the container.
type life struct {
	pod  *lifecycle.Pod
	now  time.Time
	last v1.PodStatus
	seen map[string]string
	log  []string
}

func newLife(node *env, play *script.Play, change func(*v1.Pod)) *life {
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "demo", Name: "web-1", UID: "uid-1"},
		Spec: v1.PodSpec{
			RestartPolicy: v1.RestartPolicyAlways,
			Containers:    []v1.Container{{Name: "app", Image: "example.com/web:v1"}},
		},
	}
	if change != nil {
		change(pod)
	}
	cast := func(_ *v1.Container, init bool) lifecycle.Part {
		if init && pod.Annotations["init"] != "" {
			own, err := script.ParsePlay([]byte(pod.Annotations["init"]))
			if err != nil {
				panic(err)
			}
			return lifecycle.Part{Play: own, BackOff: (script.BackOff{}).Defaulted(script.BackOff{})}
		}
		return lifecycle.Part{Play: play, BackOff: (script.BackOff{}).Defaulted(script.BackOff{})}
	}
	return &life{pod: lifecycle.New(pod, "127.64.0.1", "127.63.0.1", start, node, cast), now: start, seen: map[string]string{}}
}

// until advances from wake to wake and stops after the given time.
func (l *life) until(d time.Duration) {
	for end := start.Add(d); ; {
		wake := l.pod.Advance(l.now)
		l.last = l.pod.Status(l.now, l.last)
		l.note()
		if wake.IsZero() || wake.After(end) {
			return
		}
		l.now = wake
	}
}

func (l *life) note() {
	for _, s := range append(slices.Clone(l.last.InitContainerStatuses), l.last.ContainerStatuses...) {
		state := "running"
		switch {
		case s.State.Waiting != nil:
			state = s.State.Waiting.Reason
		case s.State.Terminated != nil:
			state = fmt.Sprintf("%s %d", s.State.Terminated.Reason, s.State.Terminated.ExitCode)
		case s.Ready:
			state = "ready"
		}
		line := fmt.Sprintf("%s#%d %s", s.Name, s.RestartCount, state)
		if l.seen[s.Name] != line {
			l.seen[s.Name] = line
			l.log = append(l.log, fmt.Sprintf("%v %s", l.now.Sub(start), line))
		}
	}
}

func expect(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("history is\n%q\nwant\n%q", got, want)
	}
}

// TestCrashLoopKeepsTheKubeletsTimes plays the kubelet's own back-off, which a
// test on a real API server would have to wait for.
func TestCrashLoopKeepsTheKubeletsTimes(t *testing.T) {
	t.Parallel()
	code := int32(3)
	l := newLife(&env{}, &script.Play{
		Exits: []script.Exit{{After: script.For(time.Second), Code: &code}},
		Ready: &script.Ready{Never: true},
	}, nil)
	l.until(2 * time.Minute)
	expect(t, l.log, []string{
		"0s app#0 ContainerCreating", "300ms app#0 running", "1.3s app#0 Error 3",
		"2.3s app#1 running", "3.3s app#1 Error 3", "4.3s app#1 CrashLoopBackOff",
		"13.3s app#2 running", "14.3s app#2 Error 3", "15.3s app#2 CrashLoopBackOff",
		"34.3s app#3 running", "35.3s app#3 Error 3", "36.3s app#3 CrashLoopBackOff",
		"1m15.3s app#4 running", "1m16.3s app#4 Error 3", "1m17.3s app#4 CrashLoopBackOff",
	})
	got := l.last.ContainerStatuses[0]
	if want := "back-off 1m20s restarting failed container=app pod=web-1_demo(uid-1)"; got.State.Waiting.Message != want {
		t.Errorf("message is %q, want %q", got.State.Waiting.Message, want)
	}
	if l.last.Phase != v1.PodRunning || got.LastTerminationState.Terminated.ExitCode != 3 {
		t.Errorf("status is %+v", l.last)
	}
}

func TestBackOffIsBoundedAndStartsAgainAfterALongRun(t *testing.T) {
	t.Parallel()
	l := newLife(&env{}, &script.Play{Exits: []script.Exit{{Times: 9}, {After: script.For(11 * time.Minute)}, {}}}, nil)
	l.until(40 * time.Minute)
	if got := l.last.ContainerStatuses[0].RestartCount; got < 10 {
		t.Fatalf("restarts are %d, want the run after the long one: %q", got, l.log)
	}
	// After the long run the restart is immediate again: the next start comes
	// one relist after the exit.
	for i, line := range l.log {
		if !strings.Contains(line, "app#9 Error 1") {
			continue
		}
		if i+1 >= len(l.log) || !strings.Contains(l.log[i+1], "app#10") || strings.Contains(l.log[i+1], "CrashLoopBackOff") {
			t.Errorf("after the long run came %q", l.log[i+1:])
		}
		return
	}
	t.Errorf("the long run did not end: %q", l.log)
}

func TestPullBackOffAlternates(t *testing.T) {
	t.Parallel()
	l := newLife(&env{}, &script.Play{Fail: &script.Fail{Reason: "ErrImagePull", For: script.For(35 * time.Second)}}, nil)
	l.until(2 * time.Minute)
	expect(t, l.log, []string{
		"0s app#0 ContainerCreating", "300ms app#0 ErrImagePull", "1.3s app#0 ImagePullBackOff",
		"10.3s app#0 ErrImagePull", "11.3s app#0 ImagePullBackOff",
		"30.3s app#0 ErrImagePull", "31.3s app#0 ImagePullBackOff",
		"1m10.3s app#0 running", "1m10.8s app#0 ready",
	})
}

func TestConfigErrorRecovers(t *testing.T) {
	t.Parallel()
	node := &env{environment: `configmap "x" not found`}
	l := newLife(node, &script.Play{}, nil)
	l.until(5 * time.Second)
	node.environment = ""
	l.until(10 * time.Second)
	expect(t, l.log, []string{
		"0s app#0 ContainerCreating", "300ms app#0 CreateContainerConfigError", "5.3s app#0 running", "5.8s app#0 ready",
	})
}

func TestMissingVolumeHoldsTheSandbox(t *testing.T) {
	t.Parallel()
	node := &env{volumes: "no"}
	l := newLife(node, &script.Play{}, nil)
	l.until(time.Second)
	if l.last.PodIP != "" || l.last.Conditions[0].Status != v1.ConditionFalse {
		t.Errorf("the sandbox is there: %+v", l.last)
	}
	node.volumes = ""
	l.until(5 * time.Second)
	if l.last.PodIP == "" || l.last.Conditions[0].Status != v1.ConditionTrue {
		t.Errorf("the sandbox is not there: %+v", l.last)
	}
}

func TestSidecarStartsFirstAndDoesNotHoldThePodBackWhenItCrashes(t *testing.T) {
	t.Parallel()
	always := v1.ContainerRestartPolicyAlways
	// The proxy's second exit is at 11.3s, and it backs off until 21.3s.
	l := newLife(&env{}, &script.Play{Exits: []script.Exit{{After: script.For(15 * time.Second)}}}, func(pod *v1.Pod) {
		pod.Annotations = map[string]string{"init": "exits: [{after: 5s}]"}
		pod.Spec.InitContainers = []v1.Container{{Name: "proxy", Image: "example.com/proxy:v1", RestartPolicy: &always}}
	})
	l.until(18 * time.Second)
	proxy, app := l.last.InitContainerStatuses[0], l.last.ContainerStatuses[0]
	if proxy.State.Waiting == nil || proxy.State.Waiting.Reason != "CrashLoopBackOff" {
		t.Fatalf("the proxy does not back off: %q", l.log)
	}
	if app.RestartCount != 1 || app.State.Running == nil {
		t.Errorf("app did not restart while the proxy backed off: %q", l.log)
	}
	if l.last.Phase != v1.PodRunning {
		t.Errorf("phase is %s, want Running", l.last.Phase)
	}
}

func TestRestartPolicyNeverEndsThePod(t *testing.T) {
	t.Parallel()
	zero := int32(0)
	for phase, exit := range map[v1.PodPhase]script.Exit{v1.PodFailed: {}, v1.PodSucceeded: {Code: &zero}} {
		l := newLife(&env{}, &script.Play{Exits: []script.Exit{exit}}, func(pod *v1.Pod) {
			pod.Spec.RestartPolicy = v1.RestartPolicyNever
		})
		l.until(time.Minute)
		if l.last.Phase != phase || !l.pod.Ended() {
			t.Errorf("phase is %s, want %s", l.last.Phase, phase)
		}
	}
}

func TestTransitionTimesChangeWithTheStatusOnly(t *testing.T) {
	t.Parallel()
	l := newLife(&env{}, &script.Play{Ready: &script.Ready{Flips: []script.Flip{
		{At: script.For(2 * time.Second), Ready: true}, {At: script.For(9 * time.Second)},
	}}}, nil)
	l.until(5 * time.Second)
	ready := find(l.last, v1.PodReady)
	if want := metav1.NewTime(start.Add(2 * time.Second)); ready.Status != v1.ConditionTrue || !ready.LastTransitionTime.Equal(&want) {
		t.Errorf("condition is %+v, want True since %v", ready, want)
	}
	l.until(20 * time.Second)
	ready = find(l.last, v1.PodReady)
	if want := metav1.NewTime(start.Add(9 * time.Second)); ready.Status != v1.ConditionFalse || !ready.LastTransitionTime.Equal(&want) {
		t.Errorf("condition is %+v, want False since %v", ready, want)
	}
	begun := metav1.NewTime(start)
	if scheduled := find(l.last, v1.PodScheduled); !scheduled.LastTransitionTime.Equal(&begun) {
		t.Errorf("condition is %+v, want it unchanged since the start", scheduled)
	}
}

func find(status v1.PodStatus, kind v1.PodConditionType) v1.PodCondition {
	for _, c := range status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return v1.PodCondition{}
}
