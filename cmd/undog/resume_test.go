package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undog-dev/undog/policy/ledger"
)

// apiServer answers for one Deployment and records what is written.
type apiServer struct {
	paused bool
	owner  string
	// missing answers as for a Deployment that does not exist.
	missing bool
	patches []string
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	const path = "/apis/apps/v1/namespaces/shop/deployments/web"
	if s.missing || r.URL.Path != path {
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"message":"deployments.apps \"web\" not found"}`)
		return
	}
	if r.Method == http.MethodPatch {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.patches = append(s.patches, string(body))
	}
	annotations := ""
	if s.owner != "" {
		annotations = fmt.Sprintf(`,"annotations":{%q:%q}`, ledger.PausedByAnnotation, s.owner)
	}
	_, _ = fmt.Fprintf(w, `{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web","namespace":"shop","uid":"u","generation":3,"resourceVersion":"9"%s},"spec":{"paused":%v,"template":{}}}`, annotations, s.paused)
}

func TestResume(t *testing.T) {
	for name, tt := range map[string]struct {
		server  apiServer
		code    int
		want    string
		patches int
	}{
		"paused by undog":    {apiServer{paused: true, owner: "d1"}, exitOK, "deployment shop/web resumed\n", 1},
		"not paused":         {apiServer{}, exitOK, "deployment shop/web is not paused: nothing to do\n", 0},
		"paused by somebody": {apiServer{paused: true}, exitError, "undog: resume deployment shop/web: it was not paused by undog: use kubectl rollout resume\n", 0},
		"gone":               {apiServer{missing: true}, exitError, "undog: resume deployment shop/web: get deployments shop/web: deployments.apps \"web\" not found\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(&tt.server)
			defer server.Close()
			code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), "resume", "shop/web", "--kubeconfig", kubeconfigFor(t, server.URL))
			if code != tt.code || stdout+stderr != tt.want || len(tt.server.patches) != tt.patches {
				t.Errorf("code %d, %s%s, patches %v", code, stdout, stderr, tt.server.patches)
			}
			for _, patch := range tt.server.patches {
				if !strings.Contains(patch, `"path":"/spec/paused"`) {
					t.Errorf("patch = %s", patch)
				}
			}
		})
	}
}

// Without the flag the variable names the cluster.
func TestResumeKubeconfigVariable(t *testing.T) {
	server := httptest.NewServer(&apiServer{})
	defer server.Close()
	t.Setenv("UNDOG_KUBECONFIG", kubeconfigFor(t, server.URL))
	if code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), "resume", "shop/web"); code != exitOK || stdout == "" {
		t.Errorf("code %d, %s%s", code, stdout, stderr)
	}
}

func TestResumeBadInput(t *testing.T) {
	for _, arg := range []string{"web", "shop/", "/web", "Shop/web", "shop/web/x", "a b/c"} {
		code, _, stderr := start(t.Context(), t, newProgram(nil, nil), "resume", arg)
		want := fmt.Sprintf("undog: %q is not NAMESPACE/NAME; write the Deployment's, such as shop/web; see 'undog resume --help'\n", arg)
		if code != exitUsage || stderr != want {
			t.Errorf("code %d, %s", code, stderr)
		}
	}
	missing := filepath.Join(t.TempDir(), "missing")
	code, _, stderr := start(t.Context(), t, newProgram(nil, nil), "resume", "shop/web", "--kubeconfig", missing)
	if code != exitError || !strings.Contains(stderr, "read kubeconfig "+missing) {
		t.Errorf("code %d, %s", code, stderr)
	}
}

func kubeconfigFor(t *testing.T, server string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "kubeconfig")
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: %q}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {}}]
`, server)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
