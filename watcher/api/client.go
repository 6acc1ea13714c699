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
	"k8s.io/client-go/gentype"
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

// of makes a client for a kind. Both types are named, as the generic client asks how to
// make one of each.
func of[T interface {
	*O
	runtime.Object
	metav1.Object
}, L interface {
	*M
	runtime.Object
}, O, M any](group *rest.RESTClient, resource, namespace string) *gentype.ClientWithList[T, L] {
	return gentype.NewClientWithList(resource, group, ParameterCodec, namespace,
		func() T { return new(O) }, func() L { return new(M) }, gentype.PrefersProtobuf[T]())
}

// Deployments implements Reading.
func (c *Client) Deployments(namespace string) Reader[*appsv1.Deployment, *appsv1.DeploymentList] {
	return of[*appsv1.Deployment, *appsv1.DeploymentList](c.apps, "deployments", namespace)
}

// ReplicaSets implements Reading.
func (c *Client) ReplicaSets(namespace string) Reader[*appsv1.ReplicaSet, *appsv1.ReplicaSetList] {
	return of[*appsv1.ReplicaSet, *appsv1.ReplicaSetList](c.apps, "replicasets", namespace)
}

// ControllerRevisions implements Reading.
func (c *Client) ControllerRevisions(namespace string) Reader[*appsv1.ControllerRevision, *appsv1.ControllerRevisionList] {
	return of[*appsv1.ControllerRevision, *appsv1.ControllerRevisionList](c.apps, "controllerrevisions", namespace)
}

// Nodes implements Reading.
func (c *Client) Nodes() Reader[*corev1.Node, *corev1.NodeList] {
	return of[*corev1.Node, *corev1.NodeList](c.core, "nodes", "")
}

// Events implements Reading.
func (c *Client) Events(namespace string) Events {
	return of[*corev1.Event, *corev1.EventList](c.core, "events", namespace)
}

// Pods implements Reading.
func (c *Client) Pods(namespace string) Pods {
	return pods{of[*corev1.Pod, *corev1.PodList](c.core, "pods", namespace)}
}

type pods struct {
	*gentype.ClientWithList[*corev1.Pod, *corev1.PodList]
}

// GetLogs asks for the log of a container.
func (p pods) GetLogs(name string, opts *corev1.PodLogOptions) *rest.Request {
	return p.GetClient().Get().Namespace(p.GetNamespace()).Resource("pods").Name(name).SubResource("log").
		VersionedParams(opts, ParameterCodec)
}

// Secrets implements Interface.
func (c *Client) Secrets(namespace string) Secrets {
	return of[*corev1.Secret, *corev1.SecretList](c.core, "secrets", namespace)
}

// Leases reads and writes Leases.
func (c *Client) Leases(namespace string) *gentype.ClientWithList[*coordinationv1.Lease, *coordinationv1.LeaseList] {
	return of[*coordinationv1.Lease, *coordinationv1.LeaseList](c.coordination, "leases", namespace)
}

// AccessReviews implements Interface.
func (c *Client) AccessReviews() AccessReviews {
	return gentype.NewClient("selfsubjectaccessreviews", c.authorization, ParameterCodec, "",
		func() *authorizationv1.SelfSubjectAccessReview { return &authorizationv1.SelfSubjectAccessReview{} },
		gentype.PrefersProtobuf[*authorizationv1.SelfSubjectAccessReview]())
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
