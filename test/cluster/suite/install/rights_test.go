package install_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/undog-dev/undog/test/cluster/chart"
)

// shipped are the objects of deploy/rbac.yaml.
func shipped(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	raw, err := os.ReadFile(root + "/deploy/rbac.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return objects(t, raw)
}

// The chart, the kustomizations and deploy/rbac.yaml grant the same.
func TestRightsAgree(t *testing.T) {
	ctx := begin(t)
	kustomized := func(name string) []*unstructured.Unstructured {
		out, err := chart.Kustomize(ctx, root, name)
		if err != nil {
			t.Fatal(err)
		}
		return objects(t, out)
	}
	observe := objects(t, render(ctx, t, chart.Release{}))
	enforce := objects(t, render(ctx, t, variants["enforce"]))
	for role, ns := range map[string]string{"undog": "", "undog-act": "", "undog-lease": "undog"} {
		want := rules(t, shipped(t), ns, role)
		if len(want) == 0 {
			t.Fatalf("deploy/rbac.yaml has no rules in role %s", role)
		}
		for name, all := range map[string][]*unstructured.Unstructured{"chart": enforce, "kustomize": kustomized("enforce")} {
			if got := rules(t, all, ns, role); !slices.Equal(got, want) {
				t.Errorf("role %s of the %s has %q, deploy/rbac.yaml has %q", role, name, got, want)
			}
		}
	}
	for name, all := range map[string][]*unstructured.Unstructured{
		"chart": observe, "kustomize base": kustomized("base"), "kustomize namespaced": kustomized("namespaced"),
	} {
		for _, o := range all {
			for _, rule := range rules(t, []*unstructured.Unstructured{o}, o.GetNamespace(), o.GetName()) {
				if strings.HasSuffix(rule, "apps/deployments ") && !slices.Contains([]string{"get", "list", "watch"}, strings.Fields(rule)[0]) {
					t.Errorf("the %s grants %q in mode observe", name, rule)
				}
			}
		}
	}
}

// Where undog watches single namespaces it has rights in those, and on nodes.
func TestNamespacedRights(t *testing.T) {
	ctx := begin(t)
	all := objects(t, render(ctx, t, variants["namespaced"]))
	without := func(rules []string) []string {
		return slices.DeleteFunc(slices.Clone(rules), func(r string) bool { return strings.HasSuffix(r, " /nodes ") })
	}
	for _, ns := range []string{"shop", "web"} {
		for role, of := range map[string]string{"undog-dog-undog": "undog", "undog-dog-undog-act": "undog-act"} {
			want := without(rules(t, shipped(t), "", of))
			if got := rules(t, all, ns, role); !slices.Equal(got, want) {
				t.Errorf("Role %s in %s has %q, want %q", role, ns, got, want)
			}
		}
	}
	for _, o := range all {
		if o.GetKind() == "ClusterRole" && o.GetName() != "undog-dog-undog-nodes" {
			t.Errorf("there is a ClusterRole %s", o.GetName())
		}
	}
	want := []string{"list /nodes ", "watch /nodes "}
	if got := rules(t, all, "", "undog-dog-undog-nodes"); !slices.Equal(got, want) {
		t.Errorf("in the cluster undog may %q, want %q", got, want)
	}
}

// Rights for checks are there where checks need them, and nowhere else.
func TestRightsOfChecks(t *testing.T) {
	ctx := begin(t)
	all := objects(t, render(ctx, t, chart.Release{Values: checksValues}))
	for ns, want := range map[string][]string{
		"shop":    {"create /pods/portforward ", "get /pods/log ", "get /pods/portforward "},
		"web":     {"create /pods/exec ", "get /pods/exec ", "get /pods/log "},
		"secrets": {"get /secrets undog-persona"},
		"":        nil,
	} {
		if got := rules(t, all, ns, "undog-checks"); !slices.Equal(got, want) {
			t.Errorf("in namespace %q the checks have %q, want %q", ns, got, want)
		}
	}
	// Without namespaces anywhere they are needed in all.
	all = objects(t, render(ctx, t, chart.Release{Values: `config: {checks: [{name: lines, log: {patterns: [ERROR]}}]}`}))
	if got, want := rules(t, all, "", "undog-checks"), []string{"get /pods/log "}; !slices.Equal(got, want) {
		t.Errorf("in the cluster the checks have %q, want %q", got, want)
	}
	// Inside of a cluster HTTP needs no right.
	all = objects(t, render(ctx, t, chart.Release{Values: `config: {checks: [{name: page, steps: [{request: {path: /}}]}]}`}))
	if got := rules(t, all, "", "undog-checks"); len(got) > 0 {
		t.Errorf("checks by HTTP have %q, want nothing", got)
	}
}
