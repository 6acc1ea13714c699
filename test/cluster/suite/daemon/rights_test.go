package daemon_test

import (
	"context"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/cluster/daemon"
)

const (
	rightsFile = "../../../../deploy/rbac.yaml"
	// confinedFile keeps undogUser to what undog is for, in every test.
	confinedFile = "../../../../deploy/kustomize/base/admission-confined.yaml"
	undogUser    = daemon.User
	// watcherUser may do all that undogUser may, but not patch Deployments.
	watcherUser = "undog-watcher"
)

var undogGroups = daemon.Groups()

// grant applies the shipped rights and their bounds, and gives the part of the
// rights that mode observe needs to another user.
func grant(ctx context.Context, config *rest.Config) error {
	for _, file := range []string{rightsFile, confinedFile} {
		if err := daemon.Grant(ctx, config, file); err != nil {
			return err
		}
	}
	return grantWatcher(ctx)
}

// grantWatcher gives another user the shipped role of mode observe.
func grantWatcher(ctx context.Context) error {
	_, err := admin.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: watcherUser},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "undog"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: watcherUser}},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create role binding: %w", err)
	}
	return nil
}
