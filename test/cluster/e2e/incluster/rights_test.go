//go:build e2e

package incluster_test

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/cluster"
)

// undogUser is who undog is to the API server.
const undogUser = "system:serviceaccount:undog:undog"

// seldom is the test that has a use for what this story has none for.
const seldom = "TestEachRightIsUsed in suite/install"

// elsewhere are those rights: the API server streams the first list here, and
// nobody tampers with undog's memory.
var elsewhere = map[string]string{
	"list apps/deployments": seldom, "list apps/replicasets": seldom, "list /pods": seldom, "list /nodes": seldom, "list /configmaps": seldom,
	"get apps/controllerrevisions": seldom, "patch apps/controllerrevisions": seldom, "delete apps/controllerrevisions": seldom,
	"get /persistentvolumeclaims": seldom, "patch /events": "TestKubectlDescribe in suite/daemon",
}

// wantRights fails when a right was missing, and when one was never used. An API
// server that has just started refuses what it has not yet read the roles for.
func (i *installed) wantRights() {
	i.t.Helper()
	events, err := shared.cluster.AuditEvents(cluster.AuditFilter{User: undogUser})
	if err != nil {
		i.t.Fatal(err)
	}
	used := map[string]bool{}
	for _, e := range events {
		if e.ObjectRef == nil || e.ResponseStatus == nil {
			continue
		}
		resource := e.ObjectRef.Resource
		if e.ObjectRef.Subresource != "" {
			resource += "/" + e.ObjectRef.Subresource
		}
		what := e.Verb + " " + e.ObjectRef.APIGroup + "/" + resource
		starting := e.RequestReceivedTimestamp.After(i.away) && e.RequestReceivedTimestamp.Time.Before(i.back)
		if e.ResponseStatus.Code == 403 && !starting {
			i.t.Errorf("undog may not %s in %q: %s", what, e.ObjectRef.Namespace, e.ResponseStatus.Message)
		}
		if e.ResponseStatus.Code < 400 {
			used[what] = true
		}
	}
	granted := i.granted()
	for _, right := range slices.Sorted(maps.Keys(granted)) {
		if !used[right] && elsewhere[right] == "" {
			i.t.Errorf("undog may %s, and never does", right)
		}
	}
	for right := range elsewhere {
		if !granted[right] {
			i.t.Errorf("%s is used elsewhere, and not granted", right)
		}
	}
}

// granted are the rights of undog's service account as they are in the cluster.
func (i *installed) granted() map[string]bool {
	i.t.Helper()
	out := map[string]bool{}
	roles, err := shared.client.RbacV1().ClusterRoles().List(i.ctx, metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=undog"})
	if err != nil {
		i.t.Fatal(err)
	}
	own, err := shared.client.RbacV1().Roles("").List(i.ctx, metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=undog"})
	if err != nil {
		i.t.Fatal(err)
	}
	rules := roles.Items[0].Rules[:0:0]
	for _, r := range roles.Items {
		rules = append(rules, r.Rules...)
	}
	for _, r := range own.Items {
		rules = append(rules, r.Rules...)
	}
	for _, r := range rules {
		for _, group := range r.APIGroups {
			for _, resource := range r.Resources {
				for _, verb := range r.Verbs {
					out[verb+" "+group+"/"+resource] = true
				}
			}
		}
	}
	return out
}
