package rollback_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/undog-dev/undog/test/cluster"
)

const (
	undogGroup   = "undog-test"
	secretsGroup = "undog-test-secrets"
	limitedGroup = "undog-test-limited"
)

var (
	control *cluster.Cluster
	admin   kubernetes.Interface
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	var err error
	if control, err = cluster.Start(ctx, cluster.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := control.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	config, err := control.RESTConfig()
	if err == nil {
		config.QPS = -1
		admin, err = kubernetes.NewForConfig(config)
	}
	if err == nil {
		err = allow(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// allow grants exactly what undog needs to one group, that and the reading of
// Secrets to another, and all but the change of deployments and the looking
// into what a target names to the third.
func allow(ctx context.Context) error {
	ledger := []rbacv1.PolicyRule{
		{APIGroups: []string{"apps"}, Resources: []string{"replicasets", "deployments"}, Verbs: []string{"get"}},
		{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get"}},
		{APIGroups: []string{"apps"}, Resources: []string{"controllerrevisions"}, Verbs: []string{"get", "list", "create", "patch", "delete"}},
	}
	full := append([]rbacv1.PolicyRule{{APIGroups: []string{"apps"}, Resources: []string{"deployments"}, Verbs: []string{"patch"}}}, ledger...)
	full = append(full, rbacv1.PolicyRule{
		APIGroups: []string{""}, Resources: []string{"configmaps", "serviceaccounts", "persistentvolumeclaims"}, Verbs: []string{"get"},
	})
	secrets := append([]rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get"}}}, full...)
	for group, rules := range map[string][]rbacv1.PolicyRule{undogGroup: full, secretsGroup: secrets, limitedGroup: ledger} {
		meta := metav1.ObjectMeta{Name: group}
		if _, err := admin.RbacV1().ClusterRoles().Create(ctx, &rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create role: %w", err)
		}
		binding := &rbacv1.ClusterRoleBinding{
			ObjectMeta: meta,
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: group},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: group}},
		}
		if _, err := admin.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create role binding: %w", err)
		}
	}
	return nil
}
