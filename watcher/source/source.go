package source

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/tools/cache"

	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/slim"
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
	// Metadata reads the metadata of ConfigMaps; nil means that they are not read.
	Metadata metadata.Interface
}

// List returns one source per namespace, or one for all.
func List(client api.Reading, opts Options) []watcher.Source {
	var sources []watcher.Source
	if len(opts.Namespaces) == 0 {
		sources = append(sources, of(client, metav1.NamespaceAll, excluding(opts.OwnNamespace), opts))
	}
	for _, ns := range opts.Namespaces {
		sources = append(sources, of(client, ns, "", opts))
	}
	// Nodes have no namespace: one source of them is enough.
	nodes := client.Nodes()
	sources[0].Nodes = listWatch(client, "", "", nodes.List, nodes.Watch)
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

func of(client api.Reading, namespace, fields string, opts Options) watcher.Source {
	deployments, replicaSets := client.Deployments(namespace), client.ReplicaSets(namespace)
	pods, records := client.Pods(namespace), client.ControllerRevisions(namespace)
	s := watcher.Source{
		Namespace:   namespace,
		Deployments: listWatch(client, fields, "", deployments.List, deployments.Watch),
		ReplicaSets: listWatch(client, fields, "", replicaSets.List, replicaSets.Watch),
		Pods:        listWatch(client, fields, "", pods.List, pods.Watch),
	}
	if !opts.NoLedger {
		s.ControllerRevisions = listWatch(client, fields, watcher.LabelManagedBy+"="+watcher.ManagedBy+","+watcher.LabelWorkload,
			records.List, records.Watch)
	}
	if opts.Metadata != nil {
		configs := opts.Metadata.Resource(corev1.SchemeGroupVersion.WithResource("configmaps")).Namespace(namespace)
		s.ConfigMaps = listWatch(opts.Metadata, fields, "", configs.List, configs.Watch)
	}
	s.Events = eventsOf(client, namespace, fields)
	if _, slimmed := client.(*slimClient); slimmed {
		s.Spare = slim.Spare
	}
	return s
}

// listWatch joins a typed client's two methods. client is asked whether it can
// stream the initial list.
func listWatch[L runtime.Object](
	client any, fields, labels string,
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
