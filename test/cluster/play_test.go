package cluster_test

import (
	"fmt"
	"testing"

	v1 "k8s.io/api/core/v1"
)

func TestGoodDeploymentBecomesAvailable(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 3, nil)
	available(t, ns)
	history := pods.until(t, "a ready pod", func(h []*v1.Pod, _ bool) bool {
		ready := condition(last(h), v1.PodReady)
		return ready != nil && ready.Status == v1.ConditionTrue
	})
	begins(t, states(history, "app"), []string{"0 ContainerCreating", "0 running", "0 ready"})
	for _, kind := range []v1.PodConditionType{
		v1.PodScheduled, v1.PodReadyToStartContainers, v1.PodInitialized, v1.ContainersReady, v1.PodReady,
	} {
		got := condition(last(history), kind)
		if got == nil || got.Status != v1.ConditionTrue || got.LastTransitionTime.IsZero() {
			t.Errorf("condition %s is %+v, want True with a time", kind, got)
		}
	}
}

func TestCrashLoop(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	play(t, fmt.Sprintf(`
backOff: {base: 500ms, retry: 100ms}
rules:
  - match: {namespaces: [%s]}
    play: {ready: {never: true}, exits: [{after: 200ms, code: 3}]}
`, ns))
	pods := record(t, ns)
	deploy(t, ns, 1, nil)
	history := pods.until(t, "four exits", func(h []*v1.Pod, _ bool) bool {
		s := status(last(h), "app")
		return s != nil && s.RestartCount == 3 && s.State.Terminated != nil
	})
	begins(t, states(history, "app"), []string{
		"0 ContainerCreating", "0 running", "0 Error(3)", // The first restart is immediate.
		"1 running", "1 Error(3)", "1 CrashLoopBackOff",
		"2 running", "2 Error(3)", "2 CrashLoopBackOff",
		"3 running", "3 Error(3)",
	})
	waits := []string{"500ms", "1s"}
	for _, pod := range history {
		s := status(pod, "app")
		if s == nil || s.State.Waiting == nil || s.State.Waiting.Reason != "CrashLoopBackOff" {
			continue
		}
		want := fmt.Sprintf("back-off %s restarting failed container=app pod=%s_%s(%s)",
			waits[s.RestartCount-1], pod.Name, ns, pod.UID)
		if s.State.Waiting.Message != want {
			t.Errorf("message is %q, want %q", s.State.Waiting.Message, want)
		}
		if ended := s.LastTerminationState.Terminated; ended == nil || ended.ExitCode != 3 || ended.Reason != "Error" {
			t.Errorf("lastState is %+v, want Error with code 3", ended)
		}
		if pod.Status.Phase != v1.PodRunning {
			t.Errorf("phase is %s, want Running", pod.Status.Phase)
		}
		if ready := condition(pod, v1.PodReady); ready.Status != v1.ConditionFalse || ready.Reason != "ContainersNotReady" ||
			ready.Message != "containers with unready status: [app]" {
			t.Errorf("condition Ready is %+v", ready)
		}
	}
}
