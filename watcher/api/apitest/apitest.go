// Package apitest makes clients of undog's out of client-go's, for tests that use its
// fake.
package apitest

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/watcher/api"
)

// From makes a client that asks another.
func From(c kubernetes.Interface) api.Interface { return client{c} }

type client struct{ of kubernetes.Interface }

// IsWatchListSemanticsUnSupported is how client-go asks whether a client cannot stream
// what there is; its fake cannot.
func (c client) IsWatchListSemanticsUnSupported() bool {
	asked, ok := c.of.(interface{ IsWatchListSemanticsUnSupported() bool })
	return ok && asked.IsWatchListSemanticsUnSupported()
}

func (c client) Deployments(namespace string) api.Reader[*appsv1.Deployment, *appsv1.DeploymentList] {
	return c.of.AppsV1().Deployments(namespace)
}

func (c client) ReplicaSets(namespace string) api.Reader[*appsv1.ReplicaSet, *appsv1.ReplicaSetList] {
	return c.of.AppsV1().ReplicaSets(namespace)
}

func (c client) ControllerRevisions(namespace string) api.Reader[*appsv1.ControllerRevision, *appsv1.ControllerRevisionList] {
	return c.of.AppsV1().ControllerRevisions(namespace)
}

func (c client) Nodes() api.Reader[*corev1.Node, *corev1.NodeList] { return c.of.CoreV1().Nodes() }

func (c client) Pods(namespace string) api.Pods { return c.of.CoreV1().Pods(namespace) }

func (c client) Events(namespace string) api.Events { return c.of.CoreV1().Events(namespace) }

func (c client) Secrets(namespace string) api.Secrets { return c.of.CoreV1().Secrets(namespace) }

func (c client) AccessReviews() api.AccessReviews {
	return c.of.AuthorizationV1().SelfSubjectAccessReviews()
}

func (c client) Core() rest.Interface { return c.of.CoreV1().RESTClient() }

func (c client) Apps() rest.Interface { return c.of.AppsV1().RESTClient() }

func (c client) Version(context.Context) (*version.Info, error) {
	info, err := c.of.Discovery().ServerVersion()
	if err != nil {
		return nil, fmt.Errorf("ask for the version: %w", err)
	}
	return info, nil
}
