package api

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
)

// Interface is all that undog asks an API server for by type. The methods of what is
// returned have client-go's meaning, errors (k8s.io/apimachinery/pkg/api/errors)
// included.
type Interface interface {
	Reading
	Secrets(namespace string) Secrets
	// AccessReviews asks what undog itself may do.
	AccessReviews() AccessReviews
	// Core and Apps are for requests to a group that are not of a type here.
	Core() rest.Interface
	Apps() rest.Interface
	// Version is the API server's.
	Version(ctx context.Context) (*version.Info, error)
}

// Reading reads what undog watches. A namespace of "" is all of them.
type Reading interface {
	Deployments(namespace string) Reader[*appsv1.Deployment, *appsv1.DeploymentList]
	ReplicaSets(namespace string) Reader[*appsv1.ReplicaSet, *appsv1.ReplicaSetList]
	ControllerRevisions(namespace string) Reader[*appsv1.ControllerRevision, *appsv1.ControllerRevisionList]
	Pods(namespace string) Pods
	Events(namespace string) Events
	Nodes() Reader[*corev1.Node, *corev1.NodeList]
}

// Reader reads the objects of one kind.
type Reader[T, L runtime.Object] interface {
	Get(ctx context.Context, name string, opts metav1.GetOptions) (T, error)
	List(ctx context.Context, opts metav1.ListOptions) (L, error)
	Watch(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error)
}

// Pods reads pods and their logs.
type Pods interface {
	Reader[*corev1.Pod, *corev1.PodList]
	GetLogs(name string, opts *corev1.PodLogOptions) *rest.Request
}

// PodsGetter reads pods.
type PodsGetter interface {
	Pods(namespace string) Pods
}

// Events reads and writes Events.
type Events interface {
	Reader[*corev1.Event, *corev1.EventList]
	Create(ctx context.Context, event *corev1.Event, opts metav1.CreateOptions) (*corev1.Event, error)
	Patch(ctx context.Context, name string, kind types.PatchType, data []byte, opts metav1.PatchOptions, subresources ...string) (*corev1.Event, error)
}

// EventsGetter reads and writes Events.
type EventsGetter interface {
	Events(namespace string) Events
}

// Leases reads and writes Leases.
type Leases interface {
	Reader[*coordinationv1.Lease, *coordinationv1.LeaseList]
	Create(ctx context.Context, lease *coordinationv1.Lease, opts metav1.CreateOptions) (*coordinationv1.Lease, error)
	Update(ctx context.Context, lease *coordinationv1.Lease, opts metav1.UpdateOptions) (*coordinationv1.Lease, error)
}

// Secrets reads Secrets.
type Secrets interface {
	Get(ctx context.Context, name string, opts metav1.GetOptions) (*corev1.Secret, error)
}

// SecretsGetter reads Secrets.
type SecretsGetter interface {
	Secrets(namespace string) Secrets
}

// AccessReviews asks what undog itself may do.
type AccessReviews interface {
	Create(ctx context.Context, review *authorizationv1.SelfSubjectAccessReview, opts metav1.CreateOptions) (*authorizationv1.SelfSubjectAccessReview, error)
}
