package daemon_test

import (
	"encoding/json"
	"slices"

	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/undog-dev/undog/test/cluster"
)

// patches are undog's own patches of the Deployment, in the order in which
// they were answered.
func (f *fixture) patches(name string) []auditv1.Event {
	f.t.Helper()
	events, err := control.AuditEvents(cluster.AuditFilter{User: undogUser, Verb: "patch", Resource: "deployments", Namespace: f.namespace, Name: name, Main: true})
	if err != nil {
		f.t.Fatal(err)
	}
	return events
}

// answers are the answers to undog's patches that touch the path.
func (f *fixture) answers(name, path string) []int32 {
	f.t.Helper()
	codes := []int32{}
	for _, e := range f.patches(name) {
		var ops []struct{ Op, Path string }
		if e.RequestObject == nil {
			f.t.Fatalf("audit log has a patch of %s without its body", name)
		}
		if err := json.Unmarshal(e.RequestObject.Raw, &ops); err != nil {
			f.t.Fatalf("read patch of %s: %v", name, err)
		}
		if slices.ContainsFunc(ops, func(o struct{ Op, Path string }) bool { return o.Path == path && o.Op != "test" }) {
			codes = append(codes, e.ResponseStatus.Code)
		}
	}
	slices.Sort(codes)
	return codes
}

// wantUndos fails unless undog's patches of the template were answered so, in
// any order.
func (f *fixture) wantUndos(name string, want ...int32) {
	f.t.Helper()
	if got := f.answers(name, "/spec/template"); !slices.Equal(got, want) {
		f.t.Errorf("audit log has undos of %s answered %v, want %v", name, got, want)
	}
}

// wantUntouched fails if undog wrote to the Deployment, or tried to.
func (f *fixture) wantUntouched(name string) {
	f.t.Helper()
	if got := f.patches(name); len(got) > 0 {
		f.t.Errorf("audit log has %d patches of %s by undog, want none: %s", len(got), name, got[0].RequestObject.Raw)
	}
}

// refusals are undog's requests that RBAC turned down, those about nodes among
// them.
func (f *fixture) refusals() []auditv1.Event {
	f.t.Helper()
	events, err := control.AuditEvents(cluster.AuditFilter{User: undogUser, Code: 403})
	if err != nil {
		f.t.Fatal(err)
	}
	return slices.DeleteFunc(events, func(e auditv1.Event) bool {
		return e.ObjectRef == nil || e.ObjectRef.Namespace != "" && e.ObjectRef.Namespace != f.namespace
	})
}

// wantAllowed fails when the shipped rights were not enough.
func (f *fixture) wantAllowed() {
	f.t.Helper()
	for _, e := range f.refusals() {
		f.t.Errorf("deploy/rbac.yaml does not allow undog to %s %s", e.Verb, e.ObjectRef.Resource)
	}
}

// writes is how often undog changed anything in the namespace, or tried to,
// Events apart.
func (f *fixture) writes() int {
	f.t.Helper()
	n := 0
	for _, verb := range []string{"create", "update", "patch", "delete", "deletecollection"} {
		events, err := control.AuditEvents(cluster.AuditFilter{User: undogUser, Verb: verb, Namespace: f.namespace})
		if err != nil {
			f.t.Fatal(err)
		}
		for _, e := range events {
			if r := e.ObjectRef.Resource; r != "selfsubjectaccessreviews" && r != "events" {
				n++
			}
		}
	}
	return n
}
