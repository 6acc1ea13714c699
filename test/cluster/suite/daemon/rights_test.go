package daemon_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	syaml "sigs.k8s.io/yaml"
)

const (
	rightsFile = "../../../../deploy/rbac.yaml"
	undogUser  = "system:serviceaccount:undog:undog"
	// watcherUser may do all that undogUser may, but not patch Deployments.
	watcherUser = "undog-watcher"
)

var undogGroups = []string{"system:serviceaccounts", "system:serviceaccounts:undog"}

// grant applies the shipped rights, and the part of them that mode observe
// needs to another user.
func grant(ctx context.Context, config *rest.Config) error {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	file, err := os.Open(rightsFile)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	for docs := yaml.NewYAMLReader(bufio.NewReader(file)); ; {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return grantWatcher(ctx)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", rightsFile, err)
		}
		var object unstructured.Unstructured
		if err := syaml.Unmarshal(doc, &object.Object); err != nil {
			return fmt.Errorf("read %s: %w", rightsFile, err)
		}
		if err := apply(ctx, client, &object); err != nil {
			return err
		}
	}
}

func apply(ctx context.Context, client dynamic.Interface, object *unstructured.Unstructured) error {
	kind := object.GroupVersionKind()
	// The irregular plurals are not among the kinds of rights.
	resource, _ := meta.UnsafeGuessKindToResource(kind)
	var into dynamic.ResourceInterface = client.Resource(resource)
	if ns := object.GetNamespace(); ns != "" {
		into = client.Resource(resource).Namespace(ns)
	}
	if _, err := into.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: "test"}); err != nil {
		return fmt.Errorf("apply %s %s: %w", kind.Kind, object.GetName(), err)
	}
	return nil
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
