package daemon_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/test/cluster"
)

// left is what a story leaves behind: the same lines for the same ending,
// whatever the names, times and ids.
type left struct {
	// state is the Deployment and what undog remembers of it.
	state []string
	// writes are undog's that were made, in no order.
	writes []string
	// told are the durable events.
	told []string
}

func (f *fixture) left(j *journal) left {
	f.t.Helper()
	l := left{state: f.stateOf(app), writes: f.written()}
	for _, e := range j.told() {
		if e.Data.Workload.Name == app && policy.TransitionKind(kind(e)).Durable() {
			l.told = append(l.told, fmt.Sprintf("%s %v %s to %v", kind(e), e.Data.Revision.Images, e.Data.Reason, e.Data.Target.Images))
		}
	}
	slices.Sort(l.told)
	l.told = slices.Compact(l.told)
	return l
}

// stateOf describes the Deployment and the ledger.
func (f *fixture) stateOf(name string) []string {
	f.t.Helper()
	d := f.get(name)
	out := []string{
		"image " + imageOf(d), fmt.Sprintf("replicas %d, paused %t", *d.Spec.Replicas, d.Spec.Paused),
		"change-cause " + d.Annotations["kubernetes.io/change-cause"],
	}
	for key := range d.Annotations {
		if strings.HasPrefix(key, "undog.dev/") {
			out = append(out, "annotation "+key)
		}
	}
	for _, entry := range d.ManagedFields {
		if entry.Manager == "undog" {
			out = append(out, "fields owned by undog")
		}
	}
	undone, err := ledger.DecodeRollbacks(d.Annotations[ledger.RollbacksAnnotation])
	if err != nil {
		f.t.Fatal(err)
	}
	out = append(out, fmt.Sprintf("%d undos remembered", len(undone)))
	list, err := admin.AppsV1().ControllerRevisions(f.namespace).List(f.ctx, metav1.ListOptions{LabelSelector: ledger.ManagedByLabel + "=" + ledger.ManagedBy})
	if err != nil {
		f.t.Fatal(err)
	}
	for i := range list.Items {
		if owner := metav1.GetControllerOf(&list.Items[i]); owner == nil || owner.UID != d.UID {
			continue
		}
		out = append(out, "record: "+f.recordOf(&list.Items[i]))
	}
	slices.Sort(out)
	return out
}

func (f *fixture) recordOf(cr *appsv1.ControllerRevision) string {
	f.t.Helper()
	r, err := ledger.Decode(cr)
	if err != nil {
		f.t.Fatal(err)
	}
	return fmt.Sprintf("%s of %v, revision %d: %s, to %v, decided %t, refused %t, contested %t, withdrawn %t",
		r.Verdict, r.Revision.Images, r.Revision.Number, r.Reason, r.Target.Images, r.DecisionID != "", r.Refused != nil, r.Contested != nil, r.Withdrawn != nil)
}

// written are the writes by undog that the server made.
func (f *fixture) written() []string {
	f.t.Helper()
	var out []string
	for _, verb := range []string{"create", "update", "patch", "delete", "deletecollection"} {
		events, err := control.AuditEvents(cluster.AuditFilter{User: undogUser, Verb: verb, Namespace: f.namespace, Main: true})
		if err != nil {
			f.t.Fatal(err)
		}
		for i := range events {
			e := &events[i]
			if e.ResponseStatus == nil || e.ResponseStatus.Code >= 300 || slices.Contains([]string{"selfsubjectaccessreviews", "events", "leases"}, e.ObjectRef.Resource) {
				continue
			}
			if what := f.describe(e); !strings.Contains(what, "of "+beacon) {
				out = append(out, what)
			}
		}
	}
	slices.Sort(out)
	return out
}

// describe says what a write did.
func (f *fixture) describe(e *auditv1.Event) string {
	f.t.Helper()
	switch e.ObjectRef.Resource {
	case "controllerrevisions":
		if e.ResponseObject == nil || e.Verb == "delete" {
			return e.Verb + " record"
		}
		var cr appsv1.ControllerRevision
		if err := json.Unmarshal(e.ResponseObject.Raw, &cr); err != nil {
			f.t.Fatal(err)
		}
		if owner := metav1.GetControllerOf(&cr); owner == nil || owner.Name != app {
			return e.Verb + " record of " + owner.Name
		}
		return e.Verb + " record: " + f.recordOf(&cr)
	case "deployments":
		return f.patchOf(e)
	}
	return e.Verb + " " + e.ObjectRef.Resource
}

// patchOf says what a patch of a Deployment changed.
func (f *fixture) patchOf(e *auditv1.Event) string {
	f.t.Helper()
	var ops []struct {
		Op, Path string
		Value    json.RawMessage
	}
	if err := json.Unmarshal(e.RequestObject.Raw, &ops); err != nil {
		f.t.Fatalf("read patch: %v", err)
	}
	var parts []string
	for _, o := range ops {
		switch {
		case o.Op == "test":
		case strings.HasPrefix(o.Path, "/metadata/managedFields/"):
			parts = append(parts, "give fields back")
		case o.Path == "/spec/template":
			var t appsv1.DeploymentSpec
			if err := json.Unmarshal([]byte(`{"template":`+string(o.Value)+`}`), &t); err != nil {
				f.t.Fatalf("read template: %v", err)
			}
			parts = append(parts, "template to "+t.Template.Spec.Containers[0].Image)
		default:
			parts = append(parts, o.Op+" "+o.Path)
		}
	}
	slices.Sort(parts)
	return "patch of " + e.ObjectRef.Name + ": " + strings.Join(slices.Compact(parts), ", ")
}

// repeats tells whether a write that is not without faults brings nothing but
// what there is without: it keeps the same record with newer evidence, or gives
// fields back that are nobody's.
func repeats(what string, want []string) bool {
	record, ok := strings.CutPrefix(what, "patch record: ")
	return ok && slices.Contains(want, "create record: "+record) || strings.HasSuffix(what, ": give fields back")
}

// lacks lists what is in want and not in got, as often as it is there.
func lacks(got, want []string) []string {
	rest := slices.Clone(got)
	var out []string
	for _, w := range want {
		if i := slices.Index(rest, w); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			continue
		}
		out = append(out, w)
	}
	return out
}
