package checkrun_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/undog-dev/undog/cmd/undog/checkrun"
	"github.com/undog-dev/undog/watcher/api/apitest"
)

// cluster has a Deployment shop/web with as many ready pods of each revision as
// told, oldest revision first, one pod that is not ready of each, a Deployment
// without pods, and a pod of nobody.
func cluster(ready ...int) *fake.Clientset {
	objects := []runtime.Object{deployment("idle"), pod("lonely", nil, true, 0)}
	d := deployment("web")
	objects = append(objects, d)
	for i, n := range ready {
		rs := &appsv1.ReplicaSet{ObjectMeta: owned(fmt.Sprintf("web-%d", i+1), "Deployment", d.Name, d.UID)}
		rs.Annotations = map[string]string{"deployment.kubernetes.io/revision": fmt.Sprint(i + 1)}
		rs.Spec.Template.Spec.Containers = []corev1.Container{{Name: "app", Image: fmt.Sprintf("web:1.%d", i)}}
		objects = append(objects, rs, pod(rs.Name+"-unready", rs, false, 0))
		for j := range n {
			objects = append(objects, pod(fmt.Sprintf("%s-%d", rs.Name, j), rs, true, j))
		}
	}
	return fake.NewClientset(objects...)
}

func deployment(name string) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID(name), Labels: map[string]string{"app": name}},
		Spec:       appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}},
	}
}

func owned(name, kind, owner string, uid types.UID) metav1.ObjectMeta {
	yes := true
	return metav1.ObjectMeta{
		Namespace: "shop", Name: name, UID: types.UID(name), Labels: map[string]string{"app": "web"},
		OwnerReferences: []metav1.OwnerReference{{Kind: kind, Name: owner, UID: uid, Controller: &yes}},
	}
}

func pod(name string, rs *appsv1.ReplicaSet, ready bool, age int) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID(name)}}
	if rs != nil {
		p.ObjectMeta = owned(name, "ReplicaSet", rs.Name, rs.UID)
	}
	p.CreationTimestamp = metav1.NewTime(time.Date(2026, 3, 4, 3, 0, -age, 0, time.UTC))
	p.Spec.Containers = []corev1.Container{{Name: "app"}}
	p.Status.Phase = corev1.PodRunning
	status := corev1.ConditionFalse
	if ready {
		status = corev1.ConditionTrue
	}
	p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: status, LastTransitionTime: metav1.NewTime(time.Now().Add(-time.Minute))}}
	return p
}

func TestChoose(t *testing.T) {
	web := checkrun.Wanted{Namespace: "shop", Deployment: "web"}
	against := func(n int64) checkrun.Wanted { w := web; w.Against = n; return w }
	one := func(name string) checkrun.Wanted { return checkrun.Wanted{Namespace: "shop", Pod: name} }
	for name, tt := range map[string]struct {
		ready    []int
		wanted   checkrun.Wanted
		now, old string
	}{
		"the youngest pod of the newest revision": {[]int{3, 2}, web, "2: web-2-0", "1: web-1-0 web-1-1"},
		"one old pod is asked twice":              {[]int{1, 2}, web, "2: web-2-0", "1: web-1-0 web-1-0"},
		"the newest other one that has pods":      {[]int{2, 2, 0, 1}, web, "4: web-4-0", "2: web-2-0 web-2-1"},
		"by number":                               {[]int{2, 2, 0, 1}, against(1), "4: web-4-0", "1: web-1-0 web-1-1"},
		"against none":                            {[]int{2, 2}, against(checkrun.NoRevision), "2: web-2-0 web-2-1", ""},
		"only one revision has pods":              {[]int{0, 2}, web, "2: web-2-0 web-2-1", ""},
		"only one pod":                            {[]int{0, 1}, web, "2: web-2-0 web-2-0", ""},
		"a pod of the old revision":               {[]int{2, 2}, one("web-1-1"), "1: web-1-1", "2: web-2-0 web-2-1"},
		"a pod where there is one revision":       {[]int{0, 3}, one("web-2-2"), "2: web-2-2 web-2-1", ""},
		"a pod of nobody":                         {nil, one("lonely"), "0: lonely lonely", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := checkrun.Choose(t.Context(), apitest.From(cluster(tt.ready...)), tt.wanted)
			if err != nil {
				t.Fatal(err)
			}
			if now := spelled(&got.New); now != tt.now {
				t.Errorf("new is %q, want %q", now, tt.now)
			}
			if old := spelled(got.Old); old != tt.old {
				t.Errorf("old is %q, want %q", old, tt.old)
			}
		})
	}
}

func spelled(g *checkrun.Group) string {
	if g == nil {
		return ""
	}
	names := []string{fmt.Sprintf("%d:", g.Revision)}
	for i := range g.Pods {
		names = append(names, g.Pods[i].Name)
	}
	return strings.Join(names, " ")
}

func TestChooseSaysWhyNot(t *testing.T) {
	web := checkrun.Wanted{Namespace: "shop", Deployment: "web"}
	against := func(n int64) checkrun.Wanted { w := web; w.Against = n; return w }
	for name, tt := range map[string]struct {
		ready  []int
		wanted checkrun.Wanted
		input  bool
		want   string
	}{
		"no Deployment":          {nil, checkrun.Wanted{Namespace: "shop", Deployment: "wbe"}, true, "there is no deployment shop/wbe; -n names the namespace"},
		"no pod":                 {nil, checkrun.Wanted{Namespace: "shop", Pod: "gone"}, true, "there is no pod shop/gone; -n names the namespace"},
		"no revision":            {nil, checkrun.Wanted{Namespace: "shop", Deployment: "idle"}, false, "deployment shop/idle has no revision yet; wait for its controller"},
		"nothing is ready":       {[]int{0, 0}, web, false, "deployment shop/web has no ready pod of revision 2, its newest; wait for one, or name a pod with --pod"},
		"only the old are ready": {[]int{2, 0}, web, false, "deployment shop/web has no ready pod of revision 2, its newest; wait for one, or name a pod with --pod; ready pods are those of revision 1"},
		"the pod is not ready":   {[]int{1}, checkrun.Wanted{Namespace: "shop", Pod: "web-1-unready"}, false, "pod shop/web-1-unready is not ready; a check is played on ready pods only"},
		"unknown revision":       {[]int{1, 1}, against(7), true, "--against 7: deployment shop/web has no ready pod of that revision; there are some of revision 1"},
		"itself":                 {[]int{1, 1}, against(2), true, "--against 2 is the revision that is looked at; name another, or none"},
		"nobody's pod against":   {nil, checkrun.Wanted{Namespace: "shop", Pod: "lonely", Against: 2}, true, "--against 2: pod shop/lonely belongs to no Deployment, so there are no revisions; leave it out"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := checkrun.Choose(t.Context(), apitest.From(cluster(tt.ready...)), tt.wanted)
			if err == nil || err.Error() != tt.want || errors.Is(err, checkrun.ErrInput) != tt.input {
				t.Errorf("got %v (bad input: %t)\nwant %s (%t)", err, errors.Is(err, checkrun.ErrInput), tt.want, tt.input)
			}
		})
	}
}

// A right that is missing is named as the rule that grants it.
func TestChooseNamesTheMissingRight(t *testing.T) {
	for _, tt := range []struct{ verb, resource, group string }{
		{"get", "deployments", "apps"}, {"list", "replicasets", "apps"}, {"list", "pods", ""},
	} {
		client := cluster(1, 1)
		client.PrependReactor(tt.verb, tt.resource, func(clienttesting.Action) (bool, runtime.Object, error) {
			return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: tt.resource}, "", errors.New("no"))
		})
		_, err := checkrun.Choose(t.Context(), apitest.From(client), checkrun.Wanted{Namespace: "shop", Deployment: "web"})
		want := fmt.Sprintf("{apiGroups: [%q], resources: [%s], verbs: [%s]}", tt.group, tt.resource, tt.verb)
		if err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, checkrun.ErrInput) {
			t.Errorf("%s %s: got %v, want %s", tt.verb, tt.resource, err, want)
		}
	}
}

func TestSideNamesAPodOnce(t *testing.T) {
	got, err := checkrun.Choose(t.Context(), apitest.From(cluster(0, 1)), checkrun.Wanted{Namespace: "shop", Deployment: "web"})
	if err != nil {
		t.Fatal(err)
	}
	if side := got.New.Side(); !slices.Equal(side.Pods, []string{"web-2-0"}) || side.Revision != 2 || !slices.Equal(side.Images, []string{"web:1.1"}) {
		t.Errorf("got %+v", side)
	}
}
