package source

import (
	"context"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/undog-dev/undog/watcher"
)

// Options says what to read.
type Options struct {
	// Namespaces are the ones to read; none means all but those that belong to
	// Kubernetes (kube-*) and undog's own.
	Namespaces []string
	// OwnNamespace is the one that undog runs in, "" if it runs outside.
	OwnNamespace string
	// NoLedger says that there are no records to read.
	NoLedger bool
}

// List returns one source per namespace, or one for all.
func List(client kubernetes.Interface, opts Options) []watcher.Source {
	if len(opts.Namespaces) == 0 {
		return []watcher.Source{of(client, metav1.NamespaceAll, excluding(opts.OwnNamespace), opts.NoLedger)}
	}
	sources := make([]watcher.Source, 0, len(opts.Namespaces))
	for _, ns := range opts.Namespaces {
		sources = append(sources, of(client, ns, "", opts.NoLedger))
	}
	return sources
}

// Ignore is for watcher.Options.Ignore: the namespaces that are left out. The
// server leaves out the ones that it can be told of, Ignore the rest.
func (o Options) Ignore(namespace string) bool {
	if len(o.Namespaces) > 0 {
		return false
	}
	return strings.HasPrefix(namespace, "kube-") || namespace == o.OwnNamespace && namespace != ""
}

// excluding is the field selector for all namespaces but Kubernetes' own and
// undog's. A field selector knows no prefixes.
func excluding(own string) string {
	names := []string{metav1.NamespaceSystem, metav1.NamespacePublic, "kube-node-lease"}
	if own != "" {
		names = append(names, own)
	}
	return "metadata.namespace!=" + strings.Join(names, ",metadata.namespace!=")
}

func of(client kubernetes.Interface, namespace, fields string, noLedger bool) watcher.Source {
	apps, core := client.AppsV1(), client.CoreV1()
	deployments, replicaSets := apps.Deployments(namespace), apps.ReplicaSets(namespace)
	pods, records := core.Pods(namespace), apps.ControllerRevisions(namespace)
	s := watcher.Source{
		Deployments: listWatch(client, fields, "", deployments.List, deployments.Watch),
		ReplicaSets: listWatch(client, fields, "", replicaSets.List, replicaSets.Watch),
		Pods:        listWatch(client, fields, "", pods.List, pods.Watch),
	}
	if !noLedger {
		s.ControllerRevisions = listWatch(client, fields, watcher.LabelManagedBy+"="+watcher.ManagedBy,
			records.List, records.Watch)
	}
	return s
}

// listWatch joins a typed client's two methods. client is asked whether it can
// stream the initial list.
func listWatch[L runtime.Object](
	client kubernetes.Interface, fields, labels string,
	list func(context.Context, metav1.ListOptions) (L, error),
	follow func(context.Context, metav1.ListOptions) (watch.Interface, error),
) cache.ListerWatcher {
	narrow := func(o *metav1.ListOptions) { o.FieldSelector, o.LabelSelector = fields, labels }
	return cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			narrow(&o)
			return list(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			narrow(&o)
			return follow(ctx, o)
		},
	}, client)
}
