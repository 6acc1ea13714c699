package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/rest"
)

// Client talks to an API server. Make one with New.
type Client struct {
	core, apps, coordination, authorization *rest.RESTClient
}

var _ Interface = (*Client)(nil)

// New makes a Client. Its groups share connections; each has the limits of the
// configuration for itself. What the configuration says of the group, the path and the
// serializer is not heeded.
func New(cfg *rest.Config) (*Client, error) {
	return NewDecoding(cfg, rest.CodecFactoryForGeneratedClient(Scheme, Codecs).WithoutConversion())
}

// NewDecoding makes a Client with a serializer of its own.
func NewDecoding(cfg *rest.Config, codecs runtime.NegotiatedSerializer) (*Client, error) {
	cfg = rest.CopyConfig(cfg)
	cfg.NegotiatedSerializer = codecs
	if cfg.UserAgent == "" {
		cfg.UserAgent = rest.DefaultKubernetesUserAgent()
	}
	connection, err := rest.HTTPClientFor(cfg)
	if err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", cfg.Host, err)
	}
	var c Client
	var errs []error
	for _, g := range []struct {
		client **rest.RESTClient
		path   string
		group  schema.GroupVersion
	}{
		{&c.core, "/api", corev1.SchemeGroupVersion},
		{&c.apps, "/apis", appsv1.SchemeGroupVersion},
		{&c.coordination, "/apis", coordinationv1.SchemeGroupVersion},
		{&c.authorization, "/apis", authorizationv1.SchemeGroupVersion},
	} {
		*g.client, err = group(cfg, connection, g.path, g.group)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", cfg.Host, err)
	}
	return &c, nil
}

func group(cfg *rest.Config, connection *http.Client, path string, version schema.GroupVersion) (*rest.RESTClient, error) {
	own := rest.CopyConfig(cfg)
	own.APIPath, own.GroupVersion = path, &version
	return rest.RESTClientForConfigAndClient(own, connection)
}

// Deployments implements Reading.
func (c *Client) Deployments(namespace string) Reader[*appsv1.Deployment, *appsv1.DeploymentList] {
	return objects[appsv1.Deployment, appsv1.DeploymentList, *appsv1.Deployment, *appsv1.DeploymentList]{c.apps, "deployments", namespace}
}

// ReplicaSets implements Reading.
func (c *Client) ReplicaSets(namespace string) Reader[*appsv1.ReplicaSet, *appsv1.ReplicaSetList] {
	return objects[appsv1.ReplicaSet, appsv1.ReplicaSetList, *appsv1.ReplicaSet, *appsv1.ReplicaSetList]{c.apps, "replicasets", namespace}
}

// ControllerRevisions implements Reading.
func (c *Client) ControllerRevisions(namespace string) Reader[*appsv1.ControllerRevision, *appsv1.ControllerRevisionList] {
	return objects[appsv1.ControllerRevision, appsv1.ControllerRevisionList, *appsv1.ControllerRevision, *appsv1.ControllerRevisionList]{c.apps, "controllerrevisions", namespace}
}

// Nodes implements Reading.
func (c *Client) Nodes() Reader[*corev1.Node, *corev1.NodeList] {
	return objects[corev1.Node, corev1.NodeList, *corev1.Node, *corev1.NodeList]{c.core, "nodes", ""}
}

// Events implements Reading.
func (c *Client) Events(namespace string) Events {
	return objects[corev1.Event, corev1.EventList, *corev1.Event, *corev1.EventList]{c.core, "events", namespace}
}

// Pods implements Reading.
func (c *Client) Pods(namespace string) Pods {
	return pods{objects[corev1.Pod, corev1.PodList, *corev1.Pod, *corev1.PodList]{c.core, "pods", namespace}}
}

type pods struct {
	objects[corev1.Pod, corev1.PodList, *corev1.Pod, *corev1.PodList]
}

// GetLogs asks for the log of a container.
func (p pods) GetLogs(name string, opts *corev1.PodLogOptions) *rest.Request {
	return p.group.Get().Namespace(p.namespace).Resource(p.resource).Name(name).SubResource("log").VersionedParams(opts, ParameterCodec)
}

// Secrets implements Interface.
func (c *Client) Secrets(namespace string) Secrets {
	return objects[corev1.Secret, corev1.SecretList, *corev1.Secret, *corev1.SecretList]{c.core, "secrets", namespace}
}

// Leases reads and writes Leases.
func (c *Client) Leases(namespace string) Leases {
	return objects[coordinationv1.Lease, coordinationv1.LeaseList, *coordinationv1.Lease, *coordinationv1.LeaseList]{c.coordination, "leases", namespace}
}

// AccessReviews implements Interface.
func (c *Client) AccessReviews() AccessReviews { return accessReviews{c.authorization} }

// accessReviews are not kept by the server, so that there are no lists of them.
type accessReviews struct{ group rest.Interface }

// Create asks.
func (a accessReviews) Create(ctx context.Context, review *authorizationv1.SelfSubjectAccessReview, opts metav1.CreateOptions) (*authorizationv1.SelfSubjectAccessReview, error) {
	out := &authorizationv1.SelfSubjectAccessReview{}
	return out, a.group.Post().UseProtobufAsDefault().Resource("selfsubjectaccessreviews").
		VersionedParams(&opts, ParameterCodec).Body(review).Do(ctx).Into(out)
}

// Core implements Interface.
func (c *Client) Core() rest.Interface { return c.core }

// Apps implements Interface.
func (c *Client) Apps() rest.Interface { return c.apps }

// Version implements Interface.
func (c *Client) Version(ctx context.Context) (*version.Info, error) {
	raw, err := c.core.Get().AbsPath("/version").DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for the version: %w", err)
	}
	var info version.Info
	if err := json.Unmarshal(raw, &info); err != nil {
		return nil, fmt.Errorf("read the version: %w", err)
	}
	return &info, nil
}
