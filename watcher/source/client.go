package source

import (
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	appsv1client "k8s.io/client-go/kubernetes/typed/apps/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/watcher/slim"
)

// Client is what objects are read with: a part of kubernetes.Interface.
type Client interface {
	AppsV1() appsv1client.AppsV1Interface
	CoreV1() corev1client.CoreV1Interface
}

var _ Client = kubernetes.Interface(nil)

// slimClient reads objects without what undog does not look at.
type slimClient struct {
	apps appsv1client.AppsV1Interface
	core corev1client.CoreV1Interface
}

// NewClient returns a client that reads objects without what package watcher does
// not look at (see package slim). It must be used for nothing else: what it does
// not read would be lost if it were written back.
// Specs that are known already it leaves out, if specs is not nil.
func NewClient(cfg *rest.Config, specs *slim.Specs) (Client, error) {
	core, errCore := slimREST(cfg, "/api", corev1.SchemeGroupVersion, specs)
	apps, errApps := slimREST(cfg, "/apis", appsv1.SchemeGroupVersion, specs)
	if err := errors.Join(errCore, errApps); err != nil {
		return nil, fmt.Errorf("make a client that reads from %s: %w", cfg.Host, err)
	}
	return &slimClient{apps: appsv1client.New(apps), core: corev1client.New(core)}, nil
}

// AppsV1 implements Client.
func (c *slimClient) AppsV1() appsv1client.AppsV1Interface { return c.apps }

// CoreV1 implements Client.
func (c *slimClient) CoreV1() corev1client.CoreV1Interface { return c.core }

func slimREST(cfg *rest.Config, path string, group schema.GroupVersion, specs *slim.Specs) (*rest.RESTClient, error) {
	own := rest.CopyConfig(cfg)
	own.APIPath, own.GroupVersion, own.NegotiatedSerializer = path, &group, slim.Codecs(specs)
	return rest.RESTClientFor(own)
}
