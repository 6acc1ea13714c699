package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/check/redact"
)

// right is something undog must be allowed to do.
type right struct {
	verb, group, resource string
	// what says what the right is needed for.
	what string
	// name is that of the one object meant; "" is any.
	name string
}

// rights lists what undog needs in a mode.
func rights(mode policy.Mode) []right {
	needed := []right{
		{verb: "get", group: "apps", resource: "deployments", what: "to read a Deployment again before acting"},
		{verb: "get", group: "apps", resource: "replicasets", what: "to read the template to return to"},
		{verb: "get", group: "", resource: "pods", what: "to look at the evidence again before acting"},
		{verb: "create", group: "apps", resource: "controllerrevisions", what: "to remember verdicts"},
		{verb: "get", group: "apps", resource: "controllerrevisions", what: "to add to what is remembered"},
		{verb: "patch", group: "apps", resource: "controllerrevisions", what: "to add to what is remembered"},
		{verb: "delete", group: "apps", resource: "controllerrevisions", what: "to forget old verdicts"},
	}
	for _, r := range []struct{ group, resource string }{
		{"apps", "deployments"}, {"apps", "replicasets"}, {"", "pods"}, {"apps", "controllerrevisions"},
	} {
		for _, verb := range []string{"list", "watch"} {
			needed = append(needed, right{verb: verb, group: r.group, resource: r.resource, what: "to see what happens"})
		}
	}
	if mode == policy.Enforce {
		needed = append(needed, right{
			verb: "patch", group: "apps", resource: "deployments",
			what: "to undo a bad revision (or set mode: observe, in which undog only tells)",
		})
	}
	return needed
}

// preflight asks the API server whether undog may do what it needs, and names
// every right that is missing.
func preflight(ctx context.Context, client api.Interface, mode policy.Mode, namespaces []string) error {
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
func allowed(ctx context.Context, client api.Interface, namespace string, r right) error {
	resource, subresource, _ := strings.Cut(r.resource, "/")
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: r.verb, Group: r.group, Resource: resource, Subresource: subresource, Name: r.name,
		},
	}}
	got, err := client.AccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		// The server's words go into the log, an event and /readyz.
		return fmt.Errorf("ask for the permission to %s %s: %s", r.verb, r.resource, redact.Line(err.Error(), maxReason))
	}
	if got.Status.Allowed {
		return nil
	}
	where := "in all namespaces (name the ones to watch with watch.namespaces)"
	if namespace != "" {
		where = "in namespace " + namespace
	}
	object := r.resource
	if r.name != "" {
		object += " " + r.name
	}
	return fmt.Errorf("%w: %s %s %s, %s", errDenied, r.verb, object, where, r.what)
}

// stopGrace is how long the writes under way and the events may take when
// undog is told to stop. A pod's default grace is 30 seconds.
const stopGrace = 20 * time.Second
