package stage

import (
	"testing"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/script"
)

func node(name, cpu string) *v1.Node {
	n := &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{v1.LabelHostname: name}}}
	n.Status.Allocatable = v1.ResourceList{
		v1.ResourceCPU: resource.MustParse(cpu), v1.ResourceMemory: resource.MustParse("1Gi"), v1.ResourcePods: resource.MustParse("10"),
	}
	return n
}

func pod(name, cpu string) *v1.Pod {
	p := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: "u-1", Labels: map[string]string{hashLabel: "h1"}}}
	p.Spec.Containers = []v1.Container{{Name: "app", Image: "web:v1"}}
	if cpu != "" {
		p.Spec.Containers[0].Resources.Requests = v1.ResourceList{v1.ResourceCPU: resource.MustParse(cpu)}
	}
	return p
}

func TestSchedulerSpreadsAndReleases(t *testing.T) {
	t.Parallel()
	s := NewScheduler(func() []*v1.Node { return []*v1.Node{node("a", "2"), node("b", "2")} })
	for _, c := range []struct{ pod, want string }{{"p1", "a"}, {"p2", "b"}, {"p3", "a"}, {"p3", "a"}} {
		if got, problem := s.Place(pod(c.pod, "")); got != c.want {
			t.Errorf("%s goes to %q (%s), want %s", c.pod, got, problem, c.want)
		}
	}
	s.Release("shop/p1")
	s.Release("shop/p3")
	if got, _ := s.Place(pod("p4", "")); got != "a" {
		t.Errorf("p4 goes to %q, want the node that became empty", got)
	}
}

func TestSchedulerSaysWhyNot(t *testing.T) {
	t.Parallel()
	selector := pod("s", "")
	selector.Spec.NodeSelector = map[string]string{"disk": "fast"}
	closed := node("b", "2")
	closed.Spec.Unschedulable = true
	s := NewScheduler(func() []*v1.Node { return []*v1.Node{node("a", "2"), closed} })
	for want, p := range map[string]*v1.Pod{
		"0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. preemption: 0/2 nodes are available: " +
			"1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.": pod("p", "3"),
		"0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable. " +
			"preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.": selector,
	} {
		if name, problem := s.Place(p); name != "" || problem != want {
			t.Errorf("it goes to %q and says\n%s, want\n%s", name, problem, want)
		}
	}
}

func TestCastingPrefersOwnThenNewest(t *testing.T) {
	t.Parallel()
	rule := func(code int32) *script.Script {
		return &script.Script{Rules: []script.Rule{{Play: script.Play{Exits: []script.Exit{{Code: &code}}}}}}
	}
	c := NewCasting(rule(1))
	p := pod("p1", "")
	c.Admit(p)
	exit := func(own *script.Play) int32 {
		return *c.Part(p, &p.Spec.Containers[0], own, true).Play.Exits[0].Code
	}
	if got := exit(nil); got != 1 {
		t.Errorf("it plays %d, want the base", got)
	}
	remove := c.Add(rule(2))
	if got := exit(nil); got != 2 {
		t.Errorf("it plays %d, want what was added", got)
	}
	three := int32(3)
	if got := exit(&script.Play{Exits: []script.Exit{{Code: &three}}}); got != 3 {
		t.Errorf("it plays %d, want its own", got)
	}
	remove()
	if got := exit(nil); got != 1 {
		t.Errorf("it plays %d after that was removed, want the base", got)
	}
}

func TestPropsWordsWhatIsMissing(t *testing.T) {
	t.Parallel()
	props := Props(func(p Prop) Found {
		if p.Name == "settings" {
			return Found{Keys: map[string]bool{"mode": true}}
		}
		return Found{Missing: true, Message: p.Kind + ` "` + p.Name + `" not found`}
	})
	p := pod("p1", "")
	yes := true
	ref := func(name, key string, optional *bool) v1.Container {
		return v1.Container{Env: []v1.EnvVar{{ValueFrom: &v1.EnvVarSource{ConfigMapKeyRef: &v1.ConfigMapKeySelector{
			LocalObjectReference: v1.LocalObjectReference{Name: name}, Key: key, Optional: optional,
		}}}}}
	}
	for _, c := range []struct {
		container v1.Container
		want      string
	}{
		{ref("settings", "mode", nil), ""},
		{ref("settings", "limit", nil), "couldn't find key limit in ConfigMap shop/settings"},
		{ref("others", "limit", nil), `configmap "others" not found`},
		{ref("others", "limit", &yes), ""},
		{v1.Container{EnvFrom: []v1.EnvFromSource{{SecretRef: &v1.SecretEnvSource{LocalObjectReference: v1.LocalObjectReference{Name: "key"}}}}}, `secret "key" not found`},
	} {
		if got := props.Environment(p, &c.container); got != c.want {
			t.Errorf("the kubelet says %q, want %q", got, c.want)
		}
	}
	p.Spec.Volumes = []v1.Volume{{Name: "tls", VolumeSource: v1.VolumeSource{Secret: &v1.SecretVolumeSource{SecretName: "cert"}}}}
	if got, want := props.Volumes(p), `MountVolume.SetUp failed for volume "tls" : secret "cert" not found`; got != want {
		t.Errorf("the kubelet says %q, want %q", got, want)
	}
}
