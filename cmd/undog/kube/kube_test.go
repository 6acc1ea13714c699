package kube

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const text = `apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: "https://HOST:6443"}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {token: t}}]
`

func kubeconfig(t *testing.T, host string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), host)
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(text, "HOST", host)), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The tests run outside a pod: only the two variables would tell otherwise.
func TestConfig(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("HOME", t.TempDir())
	named, byEnv := kubeconfig(t, "named"), kubeconfig(t, "env")

	t.Setenv("KUBECONFIG", byEnv)
	for path, want := range map[string]string{named: "https://named:6443", "": "https://env:6443"} {
		c, source, err := Config(path)
		if err != nil {
			t.Fatal(err)
		}
		if c.Host != want || !strings.HasPrefix(source, "kubeconfig /") {
			t.Errorf("%q: %s from %s, want %s", path, c.Host, source, want)
		}
	}

	t.Setenv("KUBECONFIG", "")
	if _, _, err := Config(""); err == nil || !strings.Contains(err.Error(), "set --kubeconfig or $KUBECONFIG") {
		t.Errorf("nothing to go by: %v", err)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	if _, _, err := Config(missing); err == nil || !strings.Contains(err.Error(), "read kubeconfig "+missing) {
		t.Errorf("missing: %v", err)
	}

	// In a pod without its token the pod's fault is told, not kubectl's.
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	if _, _, err := Config(""); err == nil || !strings.Contains(err.Error(), "read the pod's service account") {
		t.Errorf("pod without a token: %v", err)
	}
	if c, _, err := Config(named); err != nil || c.Host != "https://named:6443" {
		t.Errorf("a named file in a pod: %v, %v", c, err)
	}
}
