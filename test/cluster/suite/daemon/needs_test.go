package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/test/cluster"
)

// needy makes what one release's pods cannot do without, and the change of a
// Deployment that makes its pods need it.
func (f *fixture) needy() func(*appsv1.Deployment) {
	f.t.Helper()
	core, object := admin.CoreV1(), metav1.ObjectMeta{Name: "needed"}
	_, err := core.ConfigMaps(f.namespace).Create(f.ctx, &corev1.ConfigMap{ObjectMeta: object, Data: map[string]string{"key": "value"}}, metav1.CreateOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := core.ServiceAccounts(f.namespace).Create(f.ctx, &corev1.ServiceAccount{ObjectMeta: object}, metav1.CreateOptions{}); err != nil {
		f.t.Fatal(err)
	}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: object, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Mi")}},
	}}
	if _, err := core.PersistentVolumeClaims(f.namespace).Create(f.ctx, claim, metav1.CreateOptions{}); err != nil {
		f.t.Fatal(err)
	}
	return func(d *appsv1.Deployment) {
		spec := &d.Spec.Template.Spec
		spec.ServiceAccountName = object.Name
		spec.Containers[0].EnvFrom = []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: object.Name},
		}}}
		spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: object.Name},
		}}}
	}
}

// fillLedger gives the Deployment as many old records as are kept.
func (f *fixture) fillLedger(name string) {
	f.t.Helper()
	store, err := ledger.New(ledger.Options{Apps: admin.AppsV1().RESTClient()})
	if err != nil {
		f.t.Fatal(err)
	}
	d := f.get(name)
	w := policy.Workload{Kind: "Deployment", Namespace: d.Namespace, Name: d.Name, UID: string(d.UID)}
	for i := range ledger.Keep {
		old := policy.Record{
			Revision: policy.RevisionRef{UID: fmt.Sprintf("old-%d", i), Name: fmt.Sprintf("old-%d", i)},
			Verdict:  policy.Good, At: time.Now().AddDate(-1, 0, i),
		}
		if err := store.Remember(f.ctx, w, old, nil); err != nil {
			f.t.Fatal(err)
		}
	}
}

// The shipped rights are the ones that undog uses, all of them and no others:
// wantAllowed finds those that are missing.
func TestRightsAreUsed(t *testing.T) {
	f := newFixture(t)
	// Servers of before Kubernetes 1.34 are listed and then watched; newer ones
	// begin a watch with what a list would show.
	j := f.journal(f.undog(setup{env: []string{"KUBE_FEATURE_WatchListClient=false"}}).NATSURL)
	f.proven(j, 2, f.needy())
	f.fillLedger(app)
	// An Event is written once and then counted.
	f.recoverTwice(j)
	f.release(app, "crash")
	f.undone(j, "crash")
	// What is brought back is added to its record.
	f.release(app, "crash")
	f.recorded("crash", "of the contest", func(r policy.Record) bool { return r.Contested != nil })

	events, err := control.AuditEvents(cluster.AuditFilter{User: undogUser})
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, e := range events {
		ref := e.ObjectRef
		if ref == nil || e.ResponseStatus == nil || ref.Namespace != f.namespace && ref.Namespace != "" {
			continue
		}
		switch {
		case ref.Subresource == "log" && e.ResponseStatus.Code != http.StatusForbidden:
			// The nodes here play a script, and have no logs to give.
			used[e.Verb+" pods/log"] = true
		case e.ResponseStatus.Code < 300:
			used[e.Verb+" "+ref.Resource] = true
		}
	}
	for right := range each(f.shipped()) {
		if !used[right] {
			t.Errorf("deploy/rbac.yaml allows undog to %s, and it never did", right)
		}
	}
}

// each yields every verb and resource of the rules.
func each(rules []rbacv1.PolicyRule) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, rule := range rules {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					if !yield(verb + " " + resource) {
						return
					}
				}
			}
		}
	}
}

// Who may not do what undog can do without gets one warning for each, however
// often it is asked for, and bad releases are undone all the same.
func TestRightsThatCanBeDoneWithout(t *testing.T) {
	f := newFixture(t)
	kubeconfig := f.bareUser()
	dir := t.TempDir()
	j := f.journal(f.undog(setup{kubeconfig: kubeconfig, dir: dir}).NATSURL)
	f.proven(j, 2, f.needy())
	f.release(app, "crash")
	f.undone(j, "crash")
	if n := f.logged(dir, "Deployments get no Events; the stream tells all the same"); n != 1 {
		t.Errorf("undog says %d times that it may not write Events, want once", n)
	}
	if events := f.ofUndog(app); len(events) > 0 {
		t.Errorf("there are Events without the right to write them:\n%s", story(events))
	}
	if n := f.logged(dir, "events tell no lines of logs; they tell the statuses of containers all the same"); n != 1 {
		t.Errorf("undog says %d times that it may not read logs, want once", n)
	}
	c := capturedOf(t, j.await("rollback.done", app, "crash"))
	if !strings.Contains(c.State, "exited with code 3") || !strings.Contains(c.Problem, "pods/log") || len(c.Lines) > 0 {
		t.Errorf("of the undone container is told: %+v", c)
	}
	const unseen = "not checked, since undog may not read it: ConfigMap needed, PersistentVolumeClaim needed, ServiceAccount needed"
	if n := f.logged(dir, unseen); n != 1 {
		t.Errorf("undog says %d times %q, want once", n, unseen)
	}
	for resource, without := range map[string]string{
		"nodes":      "every node counts as ready",
		"events":     "failures of volumes, sandboxes and probes are told without their cause",
		"configmaps": "changes of configuration are not seen",
	} {
		f.refusedTwice(resource)
		if n := f.logged(dir, "not allowed to watch, going on without it: "+without); n != 1 {
			t.Errorf("undog warns %d times that it may not watch %s, want once", n, resource)
		}
	}
}

// capturedOf is what an event tells of the only container that failed.
func capturedOf(t *testing.T, e notify.Event) notify.Captured {
	t.Helper()
	if len(e.Data.Captured) != 1 {
		t.Fatalf("%s tells of %d containers, want one: %+v", e.Type, len(e.Data.Captured), e.Data.Captured)
	}
	return e.Data.Captured[0]
}

// shipped are the rights to see and to act that deploy/rbac.yaml gives.
func (f *fixture) shipped() []rbacv1.PolicyRule {
	f.t.Helper()
	var rules []rbacv1.PolicyRule
	for _, name := range []string{"undog", "undog-act"} {
		role, err := admin.RbacV1().ClusterRoles().Get(f.ctx, name, metav1.GetOptions{})
		if err != nil {
			f.t.Fatal(err)
		}
		rules = append(rules, role.Rules...)
	}
	return rules
}

// bareUser may do in the namespace what preflight insists on, and nothing more.
func (f *fixture) bareUser() (kubeconfig string) {
	f.t.Helper()
	shipped := f.shipped()
	rules := slices.DeleteFunc(slices.Clone(shipped), func(r rbacv1.PolicyRule) bool {
		return slices.Contains(r.Resources, "configmaps") || slices.Contains(r.Resources, "pods/log") || slices.Contains(r.Resources, "events") && slices.Contains(r.Verbs, "create")
	})
	if len(rules) != len(shipped)-4 {
		f.t.Fatalf("deploy/rbac.yaml has %d rules about ConfigMaps, Events and logs, want one to watch and one to read the first, one to write the second, one to read the last",
			len(shipped)-len(rules))
	}
	user := f.bare()
	object := metav1.ObjectMeta{Name: "bare"}
	if _, err := admin.RbacV1().Roles(f.namespace).Create(f.ctx, &rbacv1.Role{ObjectMeta: object, Rules: rules}, metav1.CreateOptions{}); err != nil {
		f.t.Fatal(err)
	}
	_, err := admin.RbacV1().RoleBindings(f.namespace).Create(f.ctx, &rbacv1.RoleBinding{
		ObjectMeta: object,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: object.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}, metav1.CreateOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	if kubeconfig, err = control.KubeconfigFor(user); err != nil {
		f.t.Fatal(err)
	}
	return kubeconfig
}

func (f *fixture) bare() string { return "bare-" + f.namespace }

// refusedTwice waits until the bare user was twice told that it may not read.
func (f *fixture) refusedTwice(resource string) {
	f.t.Helper()
	err := wait.PollUntilContextCancel(f.ctx, 200*time.Millisecond, true, func(context.Context) (bool, error) {
		events, err := control.AuditEvents(cluster.AuditFilter{User: f.bare(), Resource: resource, Code: 403})
		n := 0
		for _, e := range events {
			// Before it returns to a revision undog gets, and does not ask again.
			if e.Verb != "get" {
				n++
			}
		}
		return n >= 2, err
	})
	if err != nil {
		f.t.Fatalf("wait for undog to ask for %s again: %v", resource, err)
	}
}

// logged counts the lines that say it. Which rights undog has to do without is
// told nowhere but in its log.
func (f *fixture) logged(dir, text string) int {
	f.t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "undog.log"))
	if err != nil {
		f.t.Fatal(err)
	}
	n := 0
	for line := range bytes.Lines(raw) {
		var entry struct{ Msg, Message string }
		if err := json.Unmarshal(line, &entry); err != nil {
			f.t.Fatalf("read undog's log: %v\n%s", err, line)
		}
		if entry.Msg == text || entry.Message == text {
			n++
		}
	}
	return n
}
