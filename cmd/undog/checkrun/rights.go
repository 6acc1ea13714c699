package checkrun

import (
	"context"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/watcher/api"
)

// Allowed asks the API server for a right on a resource, such as pods/exec. The
// error names the rule that grants it. A server that does not say is not in the
// way: the play itself will tell.
func Allowed(ctx context.Context, client api.Interface, verb, resource, namespace string) error {
	name, sub, _ := strings.Cut(resource, "/")
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: namespace, Verb: verb, Resource: name, Subresource: sub},
	}}
	got, err := client.AccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil || got.Status.Allowed {
		return nil
	}
	return Denied(verb, "", resource, namespace)
}
