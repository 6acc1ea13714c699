package install_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/undog-dev/undog/test/cluster/chart"
)

// begin bounds a test, which may run beside others.
func begin(t *testing.T) context.Context {
	t.Helper()
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// render is the chart as it is installed.
func render(ctx context.Context, t *testing.T, r chart.Release) []byte {
	t.Helper()
	r.Root = root
	out, err := chart.Render(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func objects(t *testing.T, manifests []byte) []*unstructured.Unstructured {
	t.Helper()
	out, err := chart.Objects(manifests)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// find is the one object of the kind and name.
func find[T any](t *testing.T, all []*unstructured.Unstructured, kind, name string) *T {
	t.Helper()
	i := slices.IndexFunc(all, func(o *unstructured.Unstructured) bool { return o.GetKind() == kind && o.GetName() == name })
	if i < 0 {
		t.Fatalf("there is no %s %s", kind, name)
	}
	return as[T](t, all[i])
}

// as reads the object and fails on fields that its type does not have.
func as[T any](t *testing.T, o *unstructured.Unstructured) *T {
	t.Helper()
	var into T
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(o.Object, &into, true); err != nil {
		t.Fatalf("%s %s: %v", o.GetKind(), o.GetName(), err)
	}
	return &into
}

// namespace makes one, if it does not exist, to which pods of the chart may go.
func namespace(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	_, err := admin.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: name, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"},
	}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
}

// kubectl runs it as an admin would.
func kubectl(ctx context.Context, t *testing.T, stdin []byte, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(ctx, filepath.Join(os.Getenv("UNDOG_BIN"), "kubectl"), append([]string{"--kubeconfig", control.Kubeconfig()}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("kubectl %v: %v\n%s", args, err, out)
	}
}

// rules are those of a role of any kind, in an order that is always the same.
func rules(t *testing.T, all []*unstructured.Unstructured, namespace, name string) []string {
	t.Helper()
	var out []string
	for _, o := range all {
		if o.GetNamespace() != namespace || o.GetName() != name {
			continue
		}
		var found []rbacv1.PolicyRule
		switch o.GetKind() {
		case "ClusterRole":
			found = as[rbacv1.ClusterRole](t, o).Rules
		case "Role":
			found = as[rbacv1.Role](t, o).Rules
		}
		for _, r := range found {
			out = append(out, single(r)...)
		}
	}
	slices.Sort(out)
	return out
}

// single takes a rule apart.
func single(r rbacv1.PolicyRule) []string {
	var out []string
	names := r.ResourceNames
	if len(names) == 0 {
		names = []string{""}
	}
	for _, group := range r.APIGroups {
		for _, resource := range r.Resources {
			for _, verb := range r.Verbs {
				for _, name := range names {
					out = append(out, verb+" "+group+"/"+resource+" "+name)
				}
			}
		}
	}
	return out
}
