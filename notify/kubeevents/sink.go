package kubeevents

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/watcher/api"
)

// manager owns the fields of the Events.
const manager = "undog"

// server is the API server.
type server struct{ client api.EventsGetter }

// Server writes Events with a client. It should be one of its own, so that Events
// never use up what a rollback may ask for.
func Server(c api.EventsGetter) Sink { return server{c} }

// Create makes an Event.
func (s server) Create(ctx context.Context, e *corev1.Event) (*corev1.Event, error) {
	return s.client.Events(e.Namespace).Create(ctx, e, metav1.CreateOptions{FieldManager: manager})
}

// Patch changes an Event.
func (s server) Patch(ctx context.Context, namespace, name string, patch []byte) error {
	_, err := s.client.Events(namespace).Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: manager})
	return err
}
