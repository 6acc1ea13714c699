package cluster_test

import (
	"context"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/undog-dev/undog/test/cluster"
)

var deleteNow = metav1.DeleteOptions{}

func TestVersion(t *testing.T) {
	t.Parallel()
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if version.GitVersion != "v1.37.2" || version.Major != "1" || version.Minor != "37" {
		t.Errorf("version is %s (%s.%s), want v1.37.2 (1.37)", version.GitVersion, version.Major, version.Minor)
	}
}

// TestRestrictedUser shows that RBAC decides, and that the audit log has what
// the user did, bodies of writes to Deployments included.
func TestRestrictedUser(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	deploy(t, ns, 1, nil)
	path, err := shared.KubeconfigFor("reader", "readers")
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	patch := []byte(`{"metadata":{"labels":{"touched":"yes"}}}`)
	_, err = reader.AppsV1().Deployments(ns).Patch(t.Context(), "web", types.MergePatchType, patch, metav1.PatchOptions{})
	if !apierrors.IsForbidden(err) {
		t.Fatalf("patch as reader: %v, want forbidden", err)
	}
	_, err = client.AppsV1().Deployments(ns).Patch(t.Context(), "web", types.MergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	filter := cluster.AuditFilter{Verb: "patch", Resource: "deployments", Namespace: ns, Name: "web", Main: true}
	events, err := shared.AuditEvents(filter)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 2 || events[0].User.Username != "reader" || events[0].ResponseStatus.Code != 403 ||
		events[1].User.Username != "admin" || events[1].ResponseStatus.Code != 200 {
		t.Fatalf("audit events are %+v, want the reader's refusal and the admin's patch", events)
	}
	if body := events[1].RequestObject; body == nil || !strings.Contains(string(body.Raw), `"touched":"yes"`) {
		t.Errorf("the body of the patch is %v", body)
	}
}

func TestAuditFilterByCode(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	if _, err := client.CoreV1().Pods(ns).Get(t.Context(), "absent", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Fatalf("get an absent pod: %v, want not found", err)
	}
	if _, err := client.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[int32]int{404: 1, 200: 0, 0: 1} {
		events, err := shared.AuditEvents(cluster.AuditFilter{Resource: "pods", Namespace: ns, Name: "absent", Code: code})
		if err != nil || len(events) != want {
			t.Errorf("code %d: %d events, %v, want %d", code, len(events), err, want)
		}
	}
}

// TestControllersHaveTheirOwnNames shows that each controller is audited as the
// service account that a real cluster gives it.
func TestControllersHaveTheirOwnNames(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	deploy(t, ns, 1, nil)
	available(t, ns)
	for resource, user := range map[string]string{
		"replicasets": "system:serviceaccount:kube-system:deployment-controller",
		"pods":        "system:serviceaccount:kube-system:replicaset-controller",
	} {
		events, err := shared.AuditEvents(cluster.AuditFilter{Verb: "create", Resource: resource, Namespace: ns, Main: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(events) != 1 || events[0].User.Username != user {
			t.Errorf("creations of %s are %+v, want one by %s", resource, events, user)
		}
	}
}

func TestRootCAAndNamespaceController(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	eventually(t, "kube-root-ca.crt", func(ctx context.Context) (bool, error) {
		cm, err := client.CoreV1().ConfigMaps(ns).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		return err == nil && strings.HasPrefix(cm.Data["ca.crt"], "-----BEGIN CERTIFICATE-----"), err
	})
	service, err := client.CoreV1().Services("default").Get(t.Context(), "kubernetes", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if service.Spec.ClusterIP != "10.96.0.1" {
		t.Errorf("service kubernetes has %s, want 10.96.0.1", service.Spec.ClusterIP)
	}
	created, err := client.CoreV1().Namespaces().Create(t.Context(),
		&v1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "gone-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.CoreV1().Namespaces().Delete(t.Context(), created.Name, deleteNow); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the namespace to go", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().Namespaces().Get(ctx, created.Name, metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
}
