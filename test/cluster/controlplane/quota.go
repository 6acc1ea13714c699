package controlplane

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apiserver/pkg/quota/v1/generic"
	"k8s.io/client-go/discovery"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/pkg/controller"
	"k8s.io/kubernetes/pkg/controller/resourcequota"
	"k8s.io/kubernetes/pkg/quota/v1/install"
)

// The defaults of kube-controller-manager.
const (
	quotaWorkers = 5
	quotaPeriod  = 5 * time.Minute
)

// startQuota counts what ResourceQuotas limit: admission adds, and only this
// controller takes away.
func (c *controllers) startQuota(ctx context.Context) error {
	const name = "resourcequota-controller"
	client, err := c.client(name)
	if err != nil {
		return err
	}
	config, err := c.controllerConfig(name)
	if err != nil {
		return err
	}
	resources, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return fmt.Errorf("make discovery client of %s: %w", name, err)
	}
	counting, err := install.NewQuotaConfigurationForControllers(generic.ListerFuncForResourceFunc(c.informers.ForResource), c.informers)
	if err != nil {
		return fmt.Errorf("make evaluators of %s: %w", name, err)
	}
	quotas, err := resourcequota.NewController(ctx, &resourcequota.ControllerOptions{
		QuotaClient:               client.CoreV1(),
		ResourceQuotaInformer:     c.informers.Core().V1().ResourceQuotas(),
		ResyncPeriod:              controller.StaticResyncPeriodFunc(quotaPeriod),
		InformerFactory:           informerfactory.NewInformerFactory(c.informers, c.metadata),
		ReplenishmentResyncPeriod: controller.StaticResyncPeriodFunc(resyncPeriod),
		DiscoveryFunc:             resources.ServerPreferredNamespacedResources,
		IgnoredResourcesFunc:      counting.IgnoredResources,
		InformersStarted:          c.started,
		Registry:                  generic.NewRegistry(counting.Evaluators()),
		UpdateFilter:              install.DefaultUpdateFilter(),
	})
	if err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	c.run(ctx, name, func(ctx context.Context) { quotas.Run(ctx, quotaWorkers) })
	c.run(ctx, name, func(ctx context.Context) {
		quotas.Sync(ctx, resources.ServerPreferredNamespacedResources, discoveryPeriod)
	})
	return nil
}
