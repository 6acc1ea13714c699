package daemon

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	syaml "sigs.k8s.io/yaml"
)

// User is the service account that the shipped rights are bound to.
const User = "system:serviceaccount:undog:undog"

// Groups are the groups of User.
func Groups() []string {
	return []string{"system:serviceaccounts", "system:serviceaccounts:undog"}
}

// Grant applies the objects of a file of rights, as kubectl apply would.
func Grant(ctx context.Context, config *rest.Config, path string) error {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("grant rights: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("grant rights: %w", err)
	}
	defer func() { _ = file.Close() }()
	for docs := yaml.NewYAMLReader(bufio.NewReader(file)); ; {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		var object unstructured.Unstructured
		if err := syaml.Unmarshal(doc, &object.Object); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
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
