package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/undog-dev/undog/policy"
)

// right is something undog must be allowed to do.
type right struct {
	verb, group, resource string
	// what says what the right is needed for.
	what string
}

// rights lists what undog needs in a mode.
func rights(mode policy.Mode) []right {
	needed := []right{
		{"get", "apps", "deployments", "to read a Deployment again before acting"},
		{"get", "apps", "replicasets", "to read the template to return to"},
		{"get", "", "pods", "to look at the evidence again before acting"},
		{"create", "apps", "controllerrevisions", "to remember verdicts"},
		{"get", "apps", "controllerrevisions", "to add to what is remembered"},
		{"patch", "apps", "controllerrevisions", "to add to what is remembered"},
		{"delete", "apps", "controllerrevisions", "to forget old verdicts"},
	}
	for _, r := range []struct{ group, resource string }{
		{"apps", "deployments"}, {"apps", "replicasets"}, {"", "pods"}, {"apps", "controllerrevisions"},
	} {
		for _, verb := range []string{"list", "watch"} {
			needed = append(needed, right{verb, r.group, r.resource, "to see what happens"})
		}
	}
	if mode == policy.Enforce {
		needed = append(needed, right{
			"patch", "apps", "deployments",
			"to undo a bad revision (or set mode: observe, in which undog only tells)",
		})
	}
	return needed
}

// preflight asks the API server whether undog may do what it needs, and names
// every right that is missing.
func preflight(ctx context.Context, client kubernetes.Interface, mode policy.Mode, namespaces []string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*reachTimeout)
	defer cancel()
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	var missing []error
	for _, ns := range namespaces {
		for _, r := range rights(mode) {
			err := allowed(ctx, client, ns, r)
			if errors.Is(err, errDenied) {
				missing = append(missing, err)
			} else if err != nil {
				return err
			}
		}
	}
	return errors.Join(missing...)
}

var errDenied = errors.New("missing permission")

// allowed asks for one right.
func allowed(ctx context.Context, client kubernetes.Interface, namespace string, r right) error {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: r.verb, Group: r.group, Resource: r.resource,
		},
	}}
	got, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("ask for the permission to %s %s: %w", r.verb, r.resource, err)
	}
	if got.Status.Allowed {
		return nil
	}
	where := "in all namespaces (name the ones to watch with watch.namespaces)"
	if namespace != "" {
		where = "in namespace " + namespace
	}
	return fmt.Errorf("%w: %s %s %s, %s", errDenied, r.verb, r.resource, where, r.what)
}

// stopGrace is how long the writes under way and the events may take when
// undog is told to stop. A pod's default grace is 30 seconds.
const stopGrace = 20 * time.Second
