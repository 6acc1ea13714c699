package source

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/undog-dev/undog/watcher/api"
)

// dullReasons are those of most Events about pods, and of none that is used. A
// field selector cannot name alternatives, only what is not wanted.
var dullReasons = []string{
	"BackOff", "Created", "FailedScheduling", "NotTriggerScaleUp", "Pulled", "Pulling", "Scheduled", "Started",
	"SuccessfulAttachVolume",
}

// pastless reads the Events about pods from now on. Events of the past are
// many, and a server keeps them on disk only: reading them would cost more than
// they are worth. Those that matter are repeated.
type pastless struct {
	events interface {
		List(context.Context, metav1.ListOptions) (*corev1.EventList, error)
		Watch(context.Context, metav1.ListOptions) (watch.Interface, error)
	}
	fields string
}

func eventsOf(client api.Reading, namespace, fields string) cache.ListerWatcher {
	wanted := "involvedObject.kind=Pod,reason!=" + strings.Join(dullReasons, ",reason!=")
	if fields != "" {
		wanted += "," + fields
	}
	return &pastless{events: client.Events(namespace), fields: wanted}
}

// IsWatchListSemanticsUnSupported is how client-go asks. A stream would begin
// with the past.
func (p *pastless) IsWatchListSemanticsUnSupported() bool { return true }

// List implements cache.ListerWatcher.
func (p *pastless) List(o metav1.ListOptions) (runtime.Object, error) {
	return p.ListWithContext(context.Background(), o)
}

// Watch implements cache.ListerWatcher.
func (p *pastless) Watch(o metav1.ListOptions) (watch.Interface, error) {
	return p.WatchWithContext(context.Background(), o)
}

// ListWithContext says where to watch from.
func (p *pastless) ListWithContext(ctx context.Context, _ metav1.ListOptions) (runtime.Object, error) {
	list, err := p.events.List(ctx, metav1.ListOptions{FieldSelector: p.fields, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("find out where events are: %w", err)
	}
	return &corev1.EventList{ListMeta: metav1.ListMeta{ResourceVersion: list.ResourceVersion}}, nil
}

// WatchWithContext implements cache.ListerWatcherWithContext.
func (p *pastless) WatchWithContext(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
	o.FieldSelector = p.fields
	return p.events.Watch(ctx, o)
}
