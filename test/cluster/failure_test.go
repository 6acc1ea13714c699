package cluster_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/script"
)

// waits returns a condition: the container waits for the reason.
func waits(reason string) func([]*v1.Pod, bool) bool {
	return func(h []*v1.Pod, _ bool) bool {
		s := status(last(h), "app")
		return s != nil && s.State.Waiting != nil && s.State.Waiting.Reason == reason
	}
}

// becomesReady is the condition that the container is ready.
func becomesReady(h []*v1.Pod, _ bool) bool {
	s := status(last(h), "app")
	return s != nil && s.Ready
}

func TestImageThatDoesNotExist(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	play(t, fmt.Sprintf(`
backOff: {base: 300ms, retry: 100ms}
rules:
  - match: {namespaces: [%s], image: "*:missing"}
    play: {fail: {reason: ErrImagePull}}
`, ns))
	pods := record(t, ns)
	const image = "example.com/web:missing"
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) { p.Spec.Containers[0].Image = image })
	history := pods.until(t, "two pulls", func(h []*v1.Pod, _ bool) bool {
		return len(states(h, "app")) >= 5
	})
	begins(t, states(history, "app"), []string{
		"0 ContainerCreating", "0 ErrImagePull", "0 ImagePullBackOff", "0 ErrImagePull", "0 ImagePullBackOff",
	})
	pull := `rpc error: code = NotFound desc = failed to pull and unpack image "` + image +
		`": failed to resolve reference "` + image + `": ` + image + `: not found`
	for _, pod := range history {
		s := status(pod, "app")
		if s == nil || s.State.Waiting == nil {
			continue
		}
		want := map[string]string{
			"ErrImagePull":     pull,
			"ImagePullBackOff": `Back-off pulling image "` + image + `": ErrImagePull: ` + pull,
		}[s.State.Waiting.Reason]
		if s.State.Waiting.Message != want {
			t.Errorf("%s says %q, want %q", s.State.Waiting.Reason, s.State.Waiting.Message, want)
		}
		if pod.Status.Phase != v1.PodPending {
			t.Errorf("phase is %s, want Pending", pod.Status.Phase)
		}
	}
}

func TestInvalidImageNameIsFoundWithoutARule(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) { p.Spec.Containers[0].Image = "example.com/Web:v1" })
	history := pods.until(t, "InvalidImageName", waits("InvalidImageName"))
	want := `Failed to apply default image tag "example.com/Web:v1": couldn't parse image name "example.com/Web:v1": ` +
		`invalid reference format: repository name (Web) must be lowercase`
	if got := status(last(history), "app").State.Waiting.Message; got != want {
		t.Errorf("message is %q, want %q", got, want)
	}
}

func TestConfigMapThatArrivesLate(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) {
		p.Spec.Containers[0].EnvFrom = []v1.EnvFromSource{{ConfigMapRef: &v1.ConfigMapEnvSource{
			LocalObjectReference: v1.LocalObjectReference{Name: "settings"},
		}}}
	})
	history := pods.until(t, "CreateContainerConfigError", waits("CreateContainerConfigError"))
	if got := status(last(history), "app").State.Waiting.Message; got != `configmap "settings" not found` {
		t.Errorf("message is %q", got)
	}
	_, err := client.CoreV1().ConfigMaps(ns).Create(t.Context(),
		&v1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "settings"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	available(t, ns)
	history = pods.until(t, "the pod to become ready", becomesReady)
	if restarts := status(last(history), "app").RestartCount; restarts != 0 {
		t.Errorf("restarts are %d, want 0", restarts)
	}
}

func TestMissingKeyOfSecret(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	_, err := client.CoreV1().Secrets(ns).Create(t.Context(), &v1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "token"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) {
		p.Spec.Containers[0].Env = []v1.EnvVar{{Name: "TOKEN", ValueFrom: &v1.EnvVarSource{SecretKeyRef: &v1.SecretKeySelector{
			LocalObjectReference: v1.LocalObjectReference{Name: "token"}, Key: "value",
		}}}}
	})
	history := pods.until(t, "CreateContainerConfigError", waits("CreateContainerConfigError"))
	if got, want := status(last(history), "app").State.Waiting.Message, "couldn't find key value in Secret "+ns+"/token"; got != want {
		t.Errorf("message is %q, want %q", got, want)
	}
}

// TestMissingVolume shows what a real kubelet shows: an event only.
func TestMissingVolume(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) {
		p.Spec.Volumes = []v1.Volume{{Name: "cfg", VolumeSource: v1.VolumeSource{ConfigMap: &v1.ConfigMapVolumeSource{
			LocalObjectReference: v1.LocalObjectReference{Name: "settings"},
		}}}}
	})
	awaitEvent(t, ns, "FailedMount", `MountVolume.SetUp failed for volume "cfg" : configmap "settings" not found`)
	history := pods.until(t, "a pod on a node", func(h []*v1.Pod, _ bool) bool { return status(last(h), "app") != nil })
	begins(t, states(history, "app"), []string{"0 ContainerCreating"})
	if c := condition(last(history), v1.PodReadyToStartContainers); c == nil || c.Status != v1.ConditionFalse {
		t.Errorf("condition PodReadyToStartContainers is %+v, want False", c)
	}
}

func TestCommandThatDoesNotExist(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	play(t, fmt.Sprintf(`
backOff: {base: 300ms, retry: 100ms}
rules:
  - match: {namespaces: [%s]}
    play: {fail: {reason: RunContainerError}}
`, ns))
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) { p.Spec.Containers[0].Command = []string{"/nope"} })
	history := pods.until(t, "CrashLoopBackOff", waits("CrashLoopBackOff"))
	begins(t, states(history, "app"), []string{
		"0 ContainerCreating", "0 RunContainerError", "1 RunContainerError", "1 CrashLoopBackOff",
	})
	ended := status(last(history), "app").LastTerminationState.Terminated
	if ended == nil || ended.ExitCode != 128 || ended.Reason != "StartError" || !strings.Contains(ended.Message, `exec: "/nope": stat /nope: no such file or directory`) {
		t.Errorf("lastState is %+v, want StartError with code 128 about /nope", ended)
	}
}

func TestTwoExitsThenRun(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) {
		p.Annotations = map[string]string{script.Annotation: `
exits: [{after: 100ms, reason: OOMKilled, times: 2}]
then: run
ready: {after: 300ms}
backOff: {base: 300ms, retry: 100ms}`}
	})
	available(t, ns)
	history := pods.until(t, "the pod to become ready", becomesReady)
	begins(t, states(history, "app"), []string{
		"0 ContainerCreating", "0 running", "0 OOMKilled(137)", "1 running", "1 OOMKilled(137)", "1 CrashLoopBackOff",
		"2 running", "2 ready",
	})
}

func TestAnnotationThatCannotBeRead(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) {
		p.Annotations = map[string]string{script.Annotation: `exits: [{after: 3}]`}
	})
	history := pods.until(t, "InvalidScript", waits("InvalidScript"))
	if got := status(last(history), "app").State.Waiting.Message; !strings.Contains(got, "exits[0].after: 3 is not a duration") {
		t.Errorf("message is %q, want it to name exits[0].after", got)
	}
}

func TestInitContainers(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	play(t, fmt.Sprintf(`
backOff: {base: 300ms, retry: 100ms}
rules:
  - match: {namespaces: [%s], container: migrate}
    play: {exits: [{after: 100ms, code: 1}], then: run}
`, ns))
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) {
		p.Spec.InitContainers = []v1.Container{{Name: "migrate", Image: "example.com/migrate:v1"}}
	})
	available(t, ns)
	history := pods.until(t, "the pod to become ready", becomesReady)
	begins(t, states(history, "migrate"), []string{
		"0 PodInitializing", "0 running", "0 Error(1)", "1 running", "1 Completed(0)",
	})
	begins(t, states(history, "app"), []string{"0 PodInitializing", "0 running", "0 ready"})
	if !slices.ContainsFunc(history, func(pod *v1.Pod) bool {
		c := condition(pod, v1.PodInitialized)
		return c != nil && c.Status == v1.ConditionFalse && c.Reason == "ContainersNotInitialized" &&
			c.Message == "containers with incomplete status: [migrate]"
	}) {
		t.Error("condition Initialized was never False for migrate")
	}
}

func TestRuleForOneRevisionDealsItsExitsOut(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	play(t, fmt.Sprintf(`
backOff: {base: 200ms, retry: 100ms}
rules:
  - match: {namespaces: [%s]}
    per: revision
    play: {exits: [{after: 100ms, code: 9, times: 4}], then: run, ready: {after: 100ms}}
`, ns))
	deploy(t, ns, 3, nil)
	restarts := int32(0)
	eventually(t, "four restarts of the revision", func(ctx context.Context) (bool, error) {
		list, err := client.CoreV1().Pods(ns).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		restarts = 0
		for i := range list.Items {
			if s := status(&list.Items[i], "app"); s != nil {
				restarts += s.RestartCount
			}
		}
		return restarts >= 4, nil
	})
	available(t, ns)
	if restarts != 4 {
		t.Errorf("the revision restarted %d times, want 4", restarts)
	}
}

func TestPodThatFitsNowhere(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) { p.Spec.NodeSelector = map[string]string{"disk": "fast"} })
	history := pods.until(t, "PodScheduled=False", func(h []*v1.Pod, _ bool) bool {
		c := condition(last(h), v1.PodScheduled)
		return c != nil && c.Status == v1.ConditionFalse
	})
	got := condition(last(history), v1.PodScheduled)
	// Another test may have a node down.
	if got.Reason != "Unschedulable" || !strings.HasPrefix(got.Message, "0/3 nodes are available: ") ||
		!strings.Contains(got.Message, "node(s) didn't match Pod's node affinity/selector") ||
		!strings.HasSuffix(got.Message, "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.") {
		t.Errorf("condition is %+v", got)
	}
}
