package daemon_test

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// An undog whose right to the Lease is taken away says so, ready as it is: first
// while it still acts, then when it can no longer. It acts again when it may.
func TestNoRightToTheLease(t *testing.T) {
	f := newFixture(t)
	d := f.undog(setup{checks: f.electedAlone(0), nats: f.natsServer()})
	f.leads(d)
	bindings := admin.RbacV1().RoleBindings(f.namespace + "-lease-0")
	binding, err := bindings.Get(f.ctx, "undog-lease", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := bindings.Delete(f.ctx, binding.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	f.ready(d, " it cannot renew the lease: Forbidden\n")
	f.ready(d, " it cannot take the lease: Forbidden\n")
	again := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: binding.Name}, RoleRef: binding.RoleRef, Subjects: binding.Subjects}
	if _, err := bindings.Create(f.ctx, again, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	f.leads(d)
}
