package install_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/undog-dev/undog/test/cluster/chart"
)

// variants are ways to install the chart that differ as much as they can.
var variants = map[string]chart.Release{
	"defaults": {},
	"enforce":  {Values: `config: {mode: enforce}`},
	"namespaced": {Name: "dog", Namespace: "undog", Values: `
config: {mode: enforce, watch: {namespaces: [shop, web]}}
`},
	"nats": {Values: `
nats: {server: {enabled: true, secret: passwords, persistence: {size: 1Gi, storageClass: fast}}}
metrics: {dashboard: {enabled: true}}
`},
	"alone": {Values: `{replicas: 1, nats: {url: "nats://a"}, config: {leaderElection: {enabled: false}}}`},
	"own nats": {Values: `
nats:
  url: "nats://a:4222,nats://b"
  auth: {type: credentials, secret: login, key: user.creds}
  tls: {secret: certificates, clientCertificate: true}
`},
	"everything": {Values: `
image: {digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
imagePullSecrets: [{name: registry}]
replicas: 3
priorityClassName: high
podAnnotations: {a: b}
podLabels: {c: d}
nodeSelector: {disk: ssd}
tolerations: [{key: a, operator: Exists}]
affinity: {nodeAffinity: {}}
topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {c: d}}}]
extraVolumes: [{name: token, secret: {secretName: prometheus}}]
extraVolumeMounts: [{name: token, mountPath: /etc/token, readOnly: true}]
serviceAccount: {name: dog, annotations: {a: b}}
rbac: {secrets: true}
networkPolicy: {from: [{namespaceSelector: {}}], extraEgress: [{ports: [{port: 9000}]}]}
` + checksValues},
}

// checksValues has a check of each kind.
const checksValues = `
config:
  mode: enforce
  reach: portForward
  watch: {namespaces: [shop, web]}
  prometheus: {url: "http://prometheus.monitoring:9090"}
  checks:
    - {name: page, persona: admin, match: {namespaces: [shop]}, steps: [{request: {path: /}}]}
    - {name: page-again, persona: admin, match: {namespaces: [shop]}, steps: [{request: {path: /}}]}
    - {name: queue, match: {namespaces: [web]}, exec: {command: [/bin/true]}}
    - {name: lines, log: {patterns: [ERROR]}}
  personas:
    - {name: admin, secret: {namespace: secrets, name: undog-persona}}
    - {name: nobody, secret: {namespace: secrets, name: unused}}
`

// Every way to install undog is accepted by a real API server, whose admission
// holds its pods to the restricted security standard.
func TestChartIsAccepted(t *testing.T) {
	for name, r := range variants {
		t.Run(name, func(t *testing.T) {
			ctx := begin(t)
			for _, ns := range []string{"undog", "shop", "web", "secrets"} {
				namespace(ctx, t, ns)
			}
			if err := chart.Lint(ctx, root, r.Values); err != nil {
				t.Error(err)
			}
			kubectl(ctx, t, render(ctx, t, r), "apply", "--server-side", "--dry-run=server", "--validate=strict", "--warnings-as-errors", "-f", "-")
		})
	}
}

// The way to mode enforce that helm install prints can be taken as it is, from
// the repository's folder.
func TestNotes(t *testing.T) {
	ctx := begin(t)
	notes, err := chart.Notes(ctx, chart.Release{Root: root, Name: "dog", Namespace: "own"})
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(notes, "helm upgrade ")
	words := strings.Fields(rest)
	if len(words) < 2 || words[0] != "dog" {
		t.Fatalf("the notes have no helm upgrade of this release:\n%s", notes)
	}
	if _, err := os.Stat(filepath.Join(root, words[1], "Chart.yaml")); err != nil {
		t.Errorf("the notes upgrade to %q, which is no chart: %v", words[1], err)
	}
}

// A name that the chart does not know is an error, wherever it is.
func TestUnknownValuesAreErrors(t *testing.T) {
	for _, values := range []string{
		`unknown: 1`, `image: {tags: a}`, `config: {modes: observe}`, `config: {mode: force}`, `nats: {auth: {type: magic}}`,
		`config: {kubeconfig: /a}`, `replicas: "2"`, `config: {watch: {namespace: a}}`,
		`config: {policies: []}`, `config: {brake: {rollouts: 0}}`,
		// What belongs together.
		`nats: {server: {enabled: true}}`, `nats: {url: "nats://a", auth: {type: token}}`,
		`nats: {url: "nats://a", auth: {type: password, secret: a, key: b}}`, `{replicas: 2, config: {leaderElection: {enabled: false}}}`,
	} {
		t.Run(values, func(t *testing.T) {
			ctx := begin(t)
			if out, err := chart.Render(ctx, chart.Release{Root: root, Values: values}); err == nil {
				t.Errorf("the chart takes it:\n%s", out)
			}
		})
	}
}

// Values that contradict each other are told by name, all at once, with the way out.
func TestContradictionsAreErrors(t *testing.T) {
	const server = "server: {enabled: true, secret: passwords}"
	for values, want := range map[string][]string{
		`config: null`:                                                             {"config is null: leave it out"},
		`{nats: {auth: null}, rbac: null}`:                                         {"nats.auth is null: leave it out", "rbac is null: leave it out"},
		`nats: {auth: {type: token, secret: a, key: b}}`:                           {"nats.auth.type is set, and nats.url is not"},
		`nats: {url: "nats://a", auth: {secret: a}}`:                               {"nats.auth.secret is set, and nats.auth.type is not", "or leave out nats.auth.secret"},
		`nats: {url: "nats://a", auth: {type: nkey, key: a}}`:                      {"name the Secret and its key in nats.auth.secret and nats.auth.key"},
		`nats: {url: "nats://a", auth: {type: token, user: u, secret: a, key: b}}`: {"nats.auth.user is set, and nats.auth.type is token"},
		`nats: {url: "nats://a", tls: {clientCertificate: true}}`:                  {"nats.tls.clientCertificate is true, and nats.tls.secret is not set"},
		`nats: {auth: {type: token, secret: a, key: b}, ` + server + `}`:           {"nats.auth.type is set, and undog logs in to the chart's own server"},
		`nats: {stream: {manage: none, domain: hub, replicas: 3}}`:                 {"nats.stream.manage is none", "nats.stream.domain is set", "nats.stream.replicas is 3"},
		`nats: {stream: {manage: verify, replicas: 3}, ` + server + `}`:            {"nats.stream.replicas is 3, and there is one server"},
		`nats: {tls: {secret: a}, ` + server + `}`:                                 {"nats.tls.secret is set, and nats.url is not"},
		`config: {leaderElection: {renewDeadline: 15s}}`: {
			"config.leaderElection.renewDeadline (15s) is not shorter than config.leaderElection.leaseDuration (15s)", "two thirds of leaseDuration",
		},
		`config: {leaderElection: {leaseDuration: 1m, renewDeadline: 1m0.5s, retryPeriod: 31000ms}}`: {
			"config.leaderElection.renewDeadline (1m0.5s) is not shorter", "config.leaderElection.retryPeriod (31000ms) leaves no second try",
		},
		`{podLabels: {app.kubernetes.io/component: a, b: c}, podAnnotations: {undog.dev/config: a}}`: {
			"podLabels sets app.kubernetes.io/component", "podAnnotations sets undog.dev/config",
		},
		`metrics: {dashboard: {labels: {app.kubernetes.io/name: a}}}`: {"metrics.dashboard.labels sets app.kubernetes.io/name"},
	} {
		t.Run(values, func(t *testing.T) {
			ctx := begin(t)
			out, err := chart.Render(ctx, chart.Release{Root: root, Values: values})
			if err == nil {
				t.Fatalf("the chart takes it:\n%s", out)
			}
			for _, text := range want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("the chart does not say %q:\n%v", text, err)
				}
			}
		})
	}
}

// What is as close to a contradiction as can be is none.
func TestNoContradiction(t *testing.T) {
	for _, values := range []string{
		`config: {leaderElection: null}`,
		`config: {leaderElection: {leaseDuration: 1h, renewDeadline: 59m59.9s, retryPeriod: 1m30s}}`,
		`config: {leaderElection: {retryPeriod: 5s}}`,
	} {
		t.Run(values, func(t *testing.T) {
			ctx := begin(t)
			configOf(ctx, t, chart.Release{Values: values})
		})
	}
}

var source = regexp.MustCompile(`(?m)^# Source: .*\n`)

// rendered is what deploy/kustomize has of the chart: the file, and the values.
var rendered = map[string]string{
	"base/serviceaccount.yaml": "", "base/rbac.yaml": "", "base/rbac-lease.yaml": "", "base/admission-confined.yaml": "", "base/admission-ledger.yaml": "",
	"base/flowcontrol.yaml": "", "base/config.yaml": "", "base/networkpolicy.yaml": "", "base/pdb.yaml": "", "base/service.yaml": "",
	"base/deployment.yaml":     "",
	"enforce/rbac-act.yaml":    "config: {mode: enforce}",
	"enforce/config.yaml":      "config: {mode: enforce}",
	"namespaced/config.yaml":   "config: {watch: {namespaces: [shop]}}",
	"namespaced/rbac.yaml":     "config: {watch: {namespaces: [shop]}}",
	"namespaced/rbac-act.yaml": "config: {mode: enforce, watch: {namespaces: [shop]}}",
}

// The kustomizations hold what the chart renders, and nothing is left out.
func TestKustomizeIsTheChart(t *testing.T) {
	ctx := begin(t)
	for file, values := range rendered {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		want := source.ReplaceAll(render(ctx, t, chart.Release{Values: values, Only: []string{name}}), nil)
		want = append(bytes.TrimSpace(bytes.TrimPrefix(want, []byte("---\n"))), '\n')
		path := filepath.Join(root, "deploy/kustomize", file)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the chart renders (%v): run make manifests", path, err)
		}
	}
	base, err := chart.Kustomize(ctx, root, "base")
	if err != nil {
		t.Fatal(err)
	}
	names := func(all []*unstructured.Unstructured) []string {
		var out []string
		for _, o := range all {
			if o.GetKind() != "Namespace" {
				out = append(out, o.GetKind()+" "+o.GetName())
			}
		}
		slices.Sort(out)
		return out
	}
	if got, want := names(objects(t, base)), names(objects(t, render(ctx, t, chart.Release{}))); !slices.Equal(got, want) {
		t.Errorf("the base has %v, the chart %v", got, want)
	}
}

// The kustomizations say everything in the configuration file: a variable would
// make an edit of the file, such as mode: observe in an emergency, mean nothing.
func TestKustomizeOverridesNothing(t *testing.T) {
	for name, want := range map[string]string{"base": "mode: observe", "enforce": "mode: enforce", "namespaced": "- shop"} {
		t.Run(name, func(t *testing.T) {
			ctx := begin(t)
			out, err := chart.Kustomize(ctx, root, name)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(out, []byte("UNDOG_")) {
				t.Errorf("a variable counts more than the file:\n%s", out)
			}
			for _, o := range objects(t, out) {
				if text, _, _ := unstructured.NestedString(o.Object, "data", "undog.yaml"); o.GetKind() == "ConfigMap" && !strings.Contains(text, want) {
					t.Errorf("the file lacks %s:\n%s", want, text)
				}
			}
		})
	}
}

// The kustomizations are accepted, too.
func TestKustomizeIsAccepted(t *testing.T) {
	for _, name := range []string{"base", "enforce", "namespaced"} {
		t.Run(name, func(t *testing.T) {
			ctx := begin(t)
			namespace(ctx, t, "undog")
			namespace(ctx, t, "shop")
			out, err := chart.Kustomize(ctx, root, name)
			if err != nil {
				t.Fatal(err)
			}
			kubectl(ctx, t, out, "apply", "--server-side", "--dry-run=server", "--validate=strict", "--warnings-as-errors", "-f", "-")
		})
	}
}
