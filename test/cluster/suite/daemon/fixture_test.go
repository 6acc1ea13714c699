package daemon_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

const (
	// patience bounds a test as a whole, on a machine that is busy, and
	// morePatience one that waits out what servers ask for.
	patience, morePatience = 4 * time.Minute, 12 * time.Minute
	// app is the Deployment that nearly every test is about.
	app = "app"
)

// fixture is one test with a namespace of its own.
type fixture struct {
	t         *testing.T
	ctx       context.Context
	namespace string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	return newFixtureFor(t, patience)
}

// newFixtureFor is newFixture for a test that may take that long.
func newFixtureFor(t *testing.T, atMost time.Duration) *fixture {
	t.Helper()
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	t.Cleanup(cancel)
	ns, err := admin.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "t-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, ctx: ctx, namespace: ns.Name}
	t.Cleanup(func() {
		// What still crashes must not keep the nodes busy.
		if err := admin.AppsV1().Deployments(f.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
			t.Error(err)
		}
		f.wantAllowed()
	})
	return f
}

// image is the image with the tag.
func image(tag string) string { return "demo/app:" + tag }

// deploy creates a Deployment that runs the image with the tag.
func (f *fixture) deploy(name, tag string, replicas int32, changes ...func(*appsv1.Deployment)) {
	f.t.Helper()
	labels := map[string]string{"app": name}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: image(tag)}}},
			},
		},
	}
	for _, change := range changes {
		change(d)
	}
	if _, err := admin.AppsV1().Deployments(f.namespace).Create(f.ctx, d, metav1.CreateOptions{FieldManager: "kubectl"}); err != nil {
		f.t.Fatal(err)
	}
}

// release makes the image with the tag the Deployment's, as kubectl set image would.
func (f *fixture) release(name, tag string) {
	f.t.Helper()
	f.releaseImage(name, image(tag), "")
}

// releaseImage also makes the container read the ConfigMap, if one is named.
func (f *fixture) releaseImage(name, image, configMap string) {
	f.t.Helper()
	container := map[string]any{"name": "app", "image": image}
	if configMap != "" {
		container["envFrom"] = []any{map[string]any{"configMapRef": map[string]any{"name": configMap}}}
	}
	f.patch(name, map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
		"containers": []any{container},
	}}}})
}

func (f *fixture) patch(name string, body any) {
	f.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		f.t.Fatal(err)
	}
	_, err = admin.AppsV1().Deployments(f.namespace).Patch(f.ctx, name, types.StrategicMergePatchType, raw, metav1.PatchOptions{FieldManager: "kubectl"})
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) get(name string) *appsv1.Deployment {
	f.t.Helper()
	d, err := admin.AppsV1().Deployments(f.namespace).Get(f.ctx, name, metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

// until waits for an object that is as it should be.
func until[T runtime.Object](f *fixture, client rest.Interface, resource string, selector fields.Selector, what string, ok func(T) bool) T {
	f.t.Helper()
	var found T
	source := cache.NewListWatchFromClient(client, resource, f.namespace, selector)
	_, err := watchtools.UntilWithSync(f.ctx, source, *new(T), nil, func(e watch.Event) (bool, error) {
		object, is := e.Object.(T)
		if !is || e.Type == watch.Deleted || !ok(object) {
			return false, nil
		}
		found = object
		return true, nil
	})
	if err != nil {
		f.t.Fatalf("wait for %s: %v", what, err)
	}
	return found
}

// deployment waits for the Deployment to be as it should be.
func (f *fixture) deployment(name, what string, ok func(*appsv1.Deployment) bool) *appsv1.Deployment {
	f.t.Helper()
	return until(f, admin.AppsV1().RESTClient(), "deployments", fields.OneTermEqualSelector("metadata.name", name), what, ok)
}

func imageOf(d *appsv1.Deployment) string { return d.Spec.Template.Spec.Containers[0].Image }

// running waits until the Deployment is complete with the image.
func (f *fixture) running(name, tag string) *appsv1.Deployment {
	f.t.Helper()
	return f.deployment(name, name+" complete with "+tag, func(d *appsv1.Deployment) bool {
		want := *d.Spec.Replicas
		return imageOf(d) == image(tag) && d.Status.ObservedGeneration >= d.Generation && d.Status.UpdatedReplicas == want &&
			d.Status.Replicas == want && d.Status.AvailableReplicas == want
	})
}

// restarts waits until a container with the image was started again so often.
func (f *fixture) restarts(tag string, times int32) {
	f.t.Helper()
	until(f, admin.CoreV1().RESTClient(), "pods", fields.Everything(), "restarts of "+tag, func(p *corev1.Pod) bool {
		return p.Spec.Containers[0].Image == image(tag) && len(p.Status.ContainerStatuses) > 0 && p.Status.ContainerStatuses[0].RestartCount >= times
	})
}

// givenBack waits until undog owns no field of the Deployment.
func (f *fixture) givenBack(name string) {
	f.t.Helper()
	f.deployment(name, "fields given back", func(d *appsv1.Deployment) bool {
		for _, entry := range d.ManagedFields {
			if entry.Manager == "undog" {
				return false
			}
		}
		return true
	})
}

// recorded waits until the ledger has a record of the image that is as it should be.
func (f *fixture) recorded(tag, what string, ok func(policy.Record) bool) {
	f.t.Helper()
	until(f, admin.AppsV1().RESTClient(), "controllerrevisions", fields.Everything(), "record "+what, func(cr *appsv1.ControllerRevision) bool {
		if cr.Labels[ledger.ManagedByLabel] != ledger.ManagedBy {
			return false
		}
		rec, err := ledger.Decode(cr)
		return err == nil && len(rec.Revision.Images) > 0 && rec.Revision.Images[0] == image(tag) && ok(rec)
	})
}

// later waits for a time that is the point of a test.
func (f *fixture) later(d time.Duration) {
	f.t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-f.ctx.Done():
		f.t.Fatal(f.ctx.Err())
	}
}
