package chart

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// The defaults of a Release.
const (
	Name      = "undog"
	Namespace = "undog"
)

// Release is one way to install the chart.
type Release struct {
	// Root is the repository's; it must be given.
	Root string
	// Namespace is where it is installed, and Name its name; "" are the defaults.
	Namespace, Name string
	// Values is YAML over the chart's own.
	Values string
	// Only are names of templates, such as rbac; none are all of them.
	Only []string
}

// Render is what helm template prints.
func Render(ctx context.Context, r Release) ([]byte, error) {
	args := append([]string{"template"}, r.args()...)
	for _, name := range r.Only {
		args = append(args, "--show-only", "templates/"+name+".yaml")
	}
	return run(ctx, r.Values, "helm", args...)
}

// args name the chart, and how it is installed.
func (r Release) args() []string {
	return []string{cmp.Or(r.Name, Name), filepath.Join(r.Root, "deploy/helm/undog"), "--namespace", cmp.Or(r.Namespace, Namespace), "--values", "-"}
}

// Notes is what helm install says at its end.
func Notes(ctx context.Context, r Release) (string, error) {
	out, err := run(ctx, r.Values, "helm", append([]string{"install", "--dry-run=client", "--output", "json"}, r.args()...)...)
	if err != nil {
		return "", err
	}
	var release struct{ Info struct{ Notes string } }
	if err := json.Unmarshal(out, &release); err != nil {
		return "", fmt.Errorf("read what helm install says: %w", err)
	}
	return release.Info.Notes, nil
}

// Kustomize is what kubectl kustomize prints for a folder below deploy/kustomize.
func Kustomize(ctx context.Context, root, name string) ([]byte, error) {
	return run(ctx, "", "kubectl", "kustomize", filepath.Join(root, "deploy/kustomize", name))
}

// Lint is what helm lint complains about; a warning is a fault.
func Lint(ctx context.Context, root, values string) error {
	_, err := run(ctx, values, "helm", "lint", "--strict", "--quiet", "--values", "-", filepath.Join(root, "deploy/helm/undog"))
	return err
}

// run runs a program of the repository's bin.
func run(ctx context.Context, stdin, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(os.Getenv("UNDOG_BIN"), name), args...)
	var out, complaint bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s%s", name, args[0], err, out.Bytes(), complaint.Bytes())
	}
	return out.Bytes(), nil
}

// Objects reads manifests.
func Objects(manifests []byte) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	for docs := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifests))); ; {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read manifests: %w", err)
		}
		var o unstructured.Unstructured
		if err := yaml.UnmarshalStrict(doc, &o.Object); err != nil {
			return nil, fmt.Errorf("read manifests: %w", err)
		}
		if len(o.Object) > 0 {
			out = append(out, &o)
		}
	}
}
