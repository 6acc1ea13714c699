package daemon_test

import (
	"context"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/cluster/daemon"
)

const (
	rightsFile = "../../../../deploy/rbac.yaml"
	undogUser  = daemon.User
	// watcherUser may do all that undogUser may, but not patch Deployments.
	watcherUser = "undog-watcher"
)

var undogGroups = daemon.Groups()

// grant applies the shipped rights, and the part of them that mode observe
// needs to another user.
func grant(ctx context.Context, config *rest.Config) error {
	if err := daemon.Grant(ctx, config, rightsFile); err != nil {
		return err
	}
	return grantWatcher(ctx)
}

// grantWatcher derives the rights of mode observe from the shipped ones.
func grantWatcher(ctx context.Context) error {
	role, err := admin.RbacV1().ClusterRoles().Get(ctx, "undog", metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("read the shipped role: %w", err)
	}
	rules := slices.DeleteFunc(role.Rules, func(r rbacv1.PolicyRule) bool {
		return slices.Contains(r.Resources, "deployments") && slices.Contains(r.Verbs, "patch")
	})
	object := metav1.ObjectMeta{Name: watcherUser}
	if _, err := admin.RbacV1().ClusterRoles().Create(ctx, &rbacv1.ClusterRole{ObjectMeta: object, Rules: rules}, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("create role: %w", err)
	}
	_, err = admin.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: object,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: watcherUser},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: watcherUser}},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create role binding: %w", err)
	}
	return nil
}
