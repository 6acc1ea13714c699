package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/undog-dev/undog/cmd/undog/explain"
	"github.com/undog-dev/undog/cmd/undog/history"
	"github.com/undog-dev/undog/policy"
)

// daemon answers every question in the same way.
func daemon(t *testing.T, code int, body any) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/explain" || r.URL.Query().Get("namespace") != "shop" || r.URL.Query().Get("name") != "web" {
			t.Errorf("asked for %s", r.URL)
		}
		w.Header().Set(explain.Header, explain.Version)
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// told is a daemon's answer about the Deployment with a UID.
func told(uid string) explain.Answer {
	return explain.Answer{Cluster: "prod", Explanation: policy.Explanation{
		Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: uid}, Verdict: "revision 2 is fine, says the daemon",
	}}
}

// noDaemon is an address at which nobody listens.
func noDaemon() string {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	return server.URL
}

func TestExplainAsksTheDaemonOrJudgesAfresh(t *testing.T) {
	something := httptest.NewServer(http.NotFoundHandler())
	defer something.Close()
	absent := noDaemon()
	const afresh = "shop/web: revision 3 (web:1.3) is bad: "
	for name, tt := range map[string]struct {
		cluster cluster
		// server goes into --server, env into $UNDOG_HTTP_ADDR.
		server, env string
		code        int
		want        []string
	}{
		"daemon": {
			cluster{uid: "u"},
			"", daemon(t, 200, told("u")), exitOK,
			[]string{"shop/web: revision 2 is fine, says the daemon\n", "judged by the undog at http://127.0.0.1:", "cluster prod"},
		},
		"daemon named": {
			cluster{uid: "u"},
			daemon(t, 200, told("elsewhere")), "", exitOK,
			[]string{"says the daemon\n", "cluster prod"},
		},
		"daemon of another cluster": {
			cluster{uid: "u"},
			"", daemon(t, 200, told("elsewhere")), exitOK,
			[]string{afresh, "watches another cluster (prod) than that of kubeconfig"},
		},
		"daemon that does not watch it": {
			cluster{uid: "u"},
			"", daemon(t, 404, explain.Refusal{Reason: explain.NotWatched, Message: "namespace shop is not watched"}), exitOK,
			[]string{afresh, "has no answer: namespace shop is not watched: judged afresh"},
		},
		"no daemon": {
			cluster{uid: "u"},
			"", absent, exitOK,
			[]string{afresh, "no undog answers at " + absent + " (connection refused): judged afresh", "would return to revision 2 now"},
		},
		"something else": {
			cluster{uid: "u"},
			something.URL, "", exitOK,
			[]string{afresh, "(what answers is something else, or an undog of another version)"},
		},
		"forbidden": {
			cluster{uid: "u", forbidden: map[string]bool{"/api/v1/nodes": true}},
			absent, "", exitOK,
			[]string{afresh, "you may not list nodes"},
		},
		"neither": {
			cluster{},
			absent, "", exitError,
			[]string{"undog: no undog answers at " + absent, "there is no such Deployment"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			alone(t)
			t.Setenv("UNDOG_HTTP_ADDR", strings.TrimPrefix(tt.env, "http://"))
			args := []string{"explain", "shop/web", "--kubeconfig", tt.cluster.serve(t)}
			if tt.server != "" {
				args = append(args, "--server", tt.server)
			}
			code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), args...)
			got := strings.Join(strings.Fields(stdout+stderr), " ")
			for _, want := range tt.want {
				if code != tt.code || !strings.Contains(got, strings.Join(strings.Fields(want), " ")) {
					t.Errorf("code %d, want %d with %q in\n%s%s", code, tt.code, want, stdout, stderr)
				}
			}
			if strings.Contains(got, "secret of") {
				t.Errorf("the value of a variable is shown:\n%s", stdout)
			}
		})
	}
}

// Without kubectl's file a daemon is taken at its word; without either there
// is nothing to say.
func TestExplainWithoutCluster(t *testing.T) {
	alone(t)
	t.Setenv("KUBECONFIG", "")
	t.Setenv("HOME", t.TempDir())
	code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), "explain", "shop/web", "--server", daemon(t, 200, told("u")))
	if code != exitOK || !strings.Contains(stdout, "says the daemon") {
		t.Errorf("code %d, %s%s", code, stdout, stderr)
	}
	code, _, stderr = start(t.Context(), t, newProgram(nil, nil), "explain", "shop/web", "--server", noDaemon())
	if code != exitError || !strings.Contains(stderr, "connection refused") || !strings.Contains(stderr, "--kubeconfig") {
		t.Errorf("code %d, %s", code, stderr)
	}
}

func TestExplainForPrograms(t *testing.T) {
	alone(t)
	c := cluster{uid: "u"}
	code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), "explain", "shop/web", "-o", "json", "--kubeconfig", c.serve(t), "--server", noDaemon())
	var a explain.Answer
	if err := json.Unmarshal([]byte(stdout), &a); err != nil || code != exitOK {
		t.Fatalf("code %d, %v, %s", code, err, stderr)
	}
	if !a.Afresh || a.Current.Number != 3 || a.Finding.Reason != "CrashLoop" || len(a.Records) != 2 || len(a.Changes) == 0 {
		t.Errorf("answer = %+v", a)
	}
}

func TestHistory(t *testing.T) {
	alone(t)
	c := cluster{uid: "u"}
	kubeconfig := c.serve(t)
	code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), "history", "shop/web", "--kubeconfig", kubeconfig)
	if code != exitOK || strings.Contains(stdout, "secret of") {
		t.Fatalf("code %d, %s%s", code, stdout, stderr)
	}
	for _, want := range []string{
		"shop/web: 3 revisions, newest first", "Revision 3, web-r3: current, 0 of 1 pod ready", "cause given: release 3", "verdict  – none on record",
		"changed  against revision 2:\n           spec.containers[app].env[TOKEN].value (values are not shown)\n           spec.containers[app].image: web:1.2 → web:1.3\n",
		"verdict  ✓ good, 30 min ago", "Revision 1, web-r1: its ReplicaSet is gone, undog's ledger has it", "✗ bad: CannotStart, 4 days ago; only told",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	code, stdout, stderr = start(t.Context(), t, newProgram(nil, nil), "history", "shop/web", "-o", "json", "--kubeconfig", kubeconfig)
	var h history.History
	if err := json.Unmarshal([]byte(stdout), &h); err != nil || code != exitOK {
		t.Fatalf("code %d, %v, %s", code, err, stderr)
	}
	numbers := ""
	for _, r := range h.Revisions {
		numbers += fmt.Sprint(r.Number)
	}
	if numbers != "321" || h.Current != "r3" || !h.Revisions[2].Pruned || h.Revisions[0].Against != 2 || len(h.Revisions[1].Changes) != 2 {
		t.Errorf("history = %+v", h)
	}
	none := cluster{}
	code, _, stderr = start(t.Context(), t, newProgram(nil, nil), "history", "shop/web", "--kubeconfig", none.serve(t))
	if code != exitError || !strings.Contains(stderr, "there is no such Deployment in the cluster of kubeconfig") {
		t.Errorf("code %d, %s", code, stderr)
	}
}

func TestQuestionsBadInput(t *testing.T) {
	alone(t)
	for args, want := range map[string]string{
		"explain":                             "NAMESPACE/NAME is missing",
		"explain web":                         `"web" is not NAMESPACE/NAME`,
		"explain shop/web -o yaml":            `--output is "yaml"; write text or json`,
		"explain shop/web --server shop":      "does not say where a daemon listens",
		"explain shop/web --server ftp://x":   "is not the address of a daemon",
		"history shop/web -o wide":            `--output is "wide"; write text or json`,
		"history shop/web --server localhost": "unknown flag: --server",
	} {
		code, _, stderr := start(t.Context(), t, newProgram(nil, nil), strings.Fields(args)...)
		if code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("undog %s: code %d, %s", args, code, stderr)
		}
	}
}

// People are sent to explain when their file is broken: the daemon goes by the one
// before, and says so.
func TestExplainWhileTheFileIsBroken(t *testing.T) {
	alone(t)
	server := daemon(t, 200, told("u"))
	addr := strings.TrimPrefix(server, "http://")
	kubeconfig := (&cluster{uid: "u"}).serve(t)
	for broken, says := range map[string]string{
		"http: {addr: '" + addr + "'}\npolicies: [{bake: 600}]\nmode: force\n": "",
		"http: {addr: '" + addr + "'}\npolicies:\n- name: a\n\tbake: 10m\n":    "undog: the configuration file is not read as a whole: undog.yaml:3: is not YAML",
	} {
		if err := os.WriteFile("undog.yaml", []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), "explain", "shop/web", "--kubeconfig", kubeconfig)
		if code != exitOK || !strings.Contains(stdout, "says the daemon") || !strings.HasPrefix(stderr, says) || (says == "") != (stderr == "") {
			t.Errorf("code %d\n%s%s", code, stdout, stderr)
		}
		code, stdout, stderr = start(t.Context(), t, newProgram(nil, nil), "explain", "shop/web", "--server", server)
		if code != exitOK || !strings.Contains(stdout, "says the daemon") || stderr != "" {
			t.Errorf("with --server: code %d\n%s%s", code, stdout, stderr)
		}
		// Nobody can judge by such a file.
		code, _, stderr = start(t.Context(), t, newProgram(nil, nil), "explain", "shop/web", "--server", noDaemon(), "--kubeconfig", kubeconfig)
		if code != exitError || !strings.Contains(stderr, "undog: no undog answers at ") || !strings.Contains(stderr, "undog.yaml:") {
			t.Errorf("without a daemon: code %d\n%s", code, stderr)
		}
	}
}

// The commands that ask the API server alone find it as explain does.
func TestKubeconfigOfTheFile(t *testing.T) {
	alone(t)
	kubeconfig := (&cluster{uid: "u"}).serve(t)
	if err := os.WriteFile("undog.yaml", []byte("kubeconfig: "+kubeconfig+"\nmode: force\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), "history", "shop/web")
	if code != exitOK || !strings.Contains(stdout, "shop/web") || stderr != "" {
		t.Errorf("history: code %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = start(t.Context(), t, newProgram(nil, nil), "resume", "shop/web")
	if code != exitOK || !strings.Contains(stdout, "shop/web is not paused") || stderr != "" {
		t.Errorf("resume: code %d\n%s%s", code, stdout, stderr)
	}
}
