package sim

import (
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/sim/world"
)

// objects is the world as the API server sees it. It implements
// apiserver.Objects.
type objects struct{ world *world.World }

func (o objects) table(resource string) *world.Table {
	for _, t := range []*world.Table{o.world.Deployments, o.world.ReplicaSets, o.world.Pods, o.world.Records} {
		if t.Resource == resource {
			return t
		}
	}
	return nil
}

// Get implements apiserver.Objects.
func (o objects) Get(resource, name string) metav1.Object {
	if t := o.table(resource); t != nil {
		return t.Get(name)
	}
	return nil
}

// List implements apiserver.Objects.
func (o objects) List(resource string) ([]metav1.Object, bool) {
	t := o.table(resource)
	if t == nil {
		return nil, false
	}
	return t.List(t.Len()), true
}

// Create implements apiserver.Objects.
func (o objects) Create(resource string, obj metav1.Object) { o.world.Create(o.table(resource), obj) }

// Replace implements apiserver.Objects.
func (o objects) Replace(resource string, obj metav1.Object) { o.world.Replace(o.table(resource), obj) }

// Remove implements apiserver.Objects.
func (o objects) Remove(resource string, obj metav1.Object) { o.world.Remove(o.table(resource), obj) }

// Edit implements apiserver.Objects.
func (o objects) Edit(name, _ string, change func(d *appsv1.Deployment)) *appsv1.Deployment {
	return o.world.Edit(name, change)
}
