package controlplane

import (
	"context"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/certificates/rootcacertpublisher"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/replicaset"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"
	"k8s.io/kubernetes/pkg/controller/statefulset"

	"github.com/undog-dev/undog/test/cluster/access"
)

// The concurrency of kube-controller-manager's defaults.
const (
	deploymentWorkers = 5
	replicaSetWorkers = 5
	statefulWorkers   = 5
	namespaceWorkers  = 10
	collectorWorkers  = 20
	publisherWorkers  = 1
	accountWorkers    = 1

	discoveryPeriod = 30 * time.Second
	resyncPeriod    = 12 * time.Hour
)

// controllers holds what the controllers share.
type controllers struct {
	authority *access.Authority
	server    string
	informers informers.SharedInformerFactory
	metadata  metadatainformer.SharedInformerFactory
	started   chan struct{}
	running   sync.WaitGroup
}

// controllerConfig authenticates as the service account that the API server's
// built-in role of the controller is bound to. In a cluster it would carry a
// token; a certificate with the same user name has the same rights and needs
// no token to be requested first.
func (c *controllers) controllerConfig(name string) (*rest.Config, error) {
	return c.authority.RESTConfig(c.server, "system:serviceaccount:kube-system:"+name,
		"system:serviceaccounts", "system:serviceaccounts:kube-system")
}

func (c *controllers) client(name string) (kubernetes.Interface, error) {
	config, err := c.controllerConfig(name)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make client of %s: %w", name, err)
	}
	return client, nil
}

// startControllers constructs the controllers and runs them until ctx ends;
// the returned function waits for them.
func startControllers(ctx context.Context, authority *access.Authority, server string) (func(), error) {
	shared, err := authority.RESTConfig(server, "system:kube-controller-manager")
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(shared)
	if err != nil {
		return nil, fmt.Errorf("make client of the shared informers: %w", err)
	}
	metadataClient, err := metadata.NewForConfig(shared)
	if err != nil {
		return nil, fmt.Errorf("make metadata client of the shared informers: %w", err)
	}
	c := &controllers{
		authority: authority,
		server:    server,
		informers: informers.NewSharedInformerFactory(client, resyncPeriod),
		metadata:  metadatainformer.NewSharedInformerFactory(metadataClient, resyncPeriod),
		started:   make(chan struct{}),
	}
	for _, start := range []func(context.Context) error{
		c.startDeployment, c.startReplicaSet, c.startStatefulSet, c.startNamespace,
		c.startServiceAccount, c.startRootCA, c.startCollector, c.startQuota,
	} {
		if err := start(ctx); err != nil {
			return nil, err
		}
	}
	c.informers.Start(ctx.Done())
	c.metadata.Start(ctx.Done())
	close(c.started)
	return func() {
		c.running.Wait()
		c.informers.Shutdown()
		c.metadata.Shutdown()
	}, nil
}

func (c *controllers) run(ctx context.Context, name string, run func(context.Context)) {
	ctx = klog.NewContext(ctx, klog.LoggerWithName(klog.Background(), name))
	c.running.Go(func() { run(ctx) })
}

func (c *controllers) startDeployment(ctx context.Context) error {
	const name = "deployment-controller"
	client, err := c.client(name)
	if err != nil {
		return err
	}
	apps := c.informers.Apps().V1()
	controller, err := deployment.NewDeploymentController(ctx, apps.Deployments(), apps.ReplicaSets(), c.informers.Core().V1().Pods(), client)
	if err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	c.run(ctx, name, func(ctx context.Context) { controller.Run(ctx, deploymentWorkers) })
	return nil
}

func (c *controllers) startReplicaSet(ctx context.Context) error {
	const name = "replicaset-controller"
	client, err := c.client(name)
	if err != nil {
		return err
	}
	controller := replicaset.NewReplicaSetController(ctx, c.informers.Apps().V1().ReplicaSets(),
		c.informers.Core().V1().Pods(), client, replicaset.BurstReplicas)
	c.run(ctx, name, func(ctx context.Context) { controller.Run(ctx, replicaSetWorkers) })
	return nil
}

func (c *controllers) startStatefulSet(ctx context.Context) error {
	const name = "statefulset-controller"
	client, err := c.client(name)
	if err != nil {
		return err
	}
	apps, core := c.informers.Apps().V1(), c.informers.Core().V1()
	controller := statefulset.NewStatefulSetController(ctx, core.Pods(), apps.StatefulSets(), core.PersistentVolumeClaims(), apps.ControllerRevisions(), client)
	c.run(ctx, name, func(ctx context.Context) { controller.Run(ctx, statefulWorkers) })
	return nil
}

func (c *controllers) startNamespace(ctx context.Context) error {
	const name = "namespace-controller"
	client, err := c.client(name)
	if err != nil {
		return err
	}
	config, err := c.controllerConfig(name)
	if err != nil {
		return err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make metadata client of %s: %w", name, err)
	}
	controller := namespace.NewNamespaceController(ctx, client, metadataClient,
		client.Discovery().ServerPreferredNamespacedResources,
		c.informers.Core().V1().Namespaces(), 5*time.Minute, v1.FinalizerKubernetes)
	c.run(ctx, name, func(ctx context.Context) { controller.Run(ctx, namespaceWorkers) })
	return nil
}

func (c *controllers) startServiceAccount(ctx context.Context) error {
	const name = "service-account-controller"
	client, err := c.client(name)
	if err != nil {
		return err
	}
	core := c.informers.Core().V1()
	controller, err := serviceaccount.NewServiceAccountsController(klog.FromContext(ctx),
		core.ServiceAccounts(), core.Namespaces(), client, serviceaccount.DefaultServiceAccountsControllerOptions())
	if err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	c.run(ctx, name, func(ctx context.Context) { controller.Run(ctx, accountWorkers) })
	return nil
}

func (c *controllers) startRootCA(ctx context.Context) error {
	const name = "root-ca-cert-publisher"
	client, err := c.client(name)
	if err != nil {
		return err
	}
	core := c.informers.Core().V1()
	controller, err := rootcacertpublisher.NewPublisher(core.ConfigMaps(), core.Namespaces(), client, c.authority.CertPEM())
	if err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	c.run(ctx, name, func(ctx context.Context) { controller.Run(ctx, publisherWorkers) })
	return nil
}

func (c *controllers) startCollector(ctx context.Context) error {
	const name = "generic-garbage-collector"
	client, err := c.client(name)
	if err != nil {
		return err
	}
	config, err := c.controllerConfig(name)
	if err != nil {
		return err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make metadata client of %s: %w", name, err)
	}
	// The mapper's discovery is its own: Sync resets what it is given.
	mapping, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return fmt.Errorf("make discovery client of %s: %w", name, err)
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(mapping))
	controller, err := garbagecollector.NewGarbageCollector(ctx, client, metadataClient, mapper,
		garbagecollector.DefaultIgnoredResources(), informerfactory.NewInformerFactory(c.informers, c.metadata), c.started)
	if err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	c.run(ctx, name, func(ctx context.Context) { controller.Run(ctx, collectorWorkers, discoveryPeriod) })
	c.run(ctx, name, func(ctx context.Context) { controller.Sync(ctx, client.Discovery(), discoveryPeriod) })
	c.run(ctx, name, func(ctx context.Context) {
		wait.UntilWithContext(ctx, func(context.Context) { mapper.Reset() }, discoveryPeriod)
	})
	return nil
}
