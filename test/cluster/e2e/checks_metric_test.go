//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// TestMetricCheck undoes a release of which a Prometheus of the distribution
// says that it fails more often. Neither its probes nor its pages show it.
func TestMetricCheck(t *testing.T) {
	server := startPrometheus(t)
	s := checked(t, "the counters of Prometheus show failures", `
prometheus: {url: "`+server+`"}
checks:
  - name: errors
    metric:
      failures: sum(testapp_requests_total{namespace="{{ .namespace }}",pod=~"{{ .pods }}",code=~"5.."})
      total: sum(testapp_requests_total{namespace="{{ .namespace }}",pod=~"{{ .pods }}"})
`)
	s.release(func(spec *corev1.PodSpec) {
		spec.Containers[0].Args = []string{"serve", "--work=100ms", "--fails-of=3"}
	})
	bad := s.undone("CheckFailed")
	if told := s.evidence(bad, "errors"); !strings.Contains(told, " failed in ") || !strings.Contains(told, "(0 %) on the old revision") {
		t.Errorf("the verdict says %q, want how much failed on both", told)
	}
}

// startPrometheus runs the distribution's server, which scrapes every pod of the
// cluster, and returns its URL.
func startPrometheus(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatalf("find prometheus: %v; install it, as hack/install-node-deps.sh prometheus does", err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yaml")
	targets := httptest.NewServer(http.HandlerFunc(tellTargets))
	t.Cleanup(targets.Close)
	if err := os.WriteFile(config, []byte(`
global: {scrape_interval: 2s, scrape_timeout: 2s}
scrape_configs: [{job_name: pods, http_sd_configs: [{url: "`+targets.URL+`", refresh_interval: 1s}]}]
`), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	log, err := os.Create(filepath.Join(dir, "prometheus.log"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Minute
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // It was told to end.
		_ = log.Close()
		if t.Failed() {
			said, err := os.ReadFile(log.Name())
			t.Logf("the log of prometheus (%v):\n%s", err, said)
		}
	})
	url := "http://" + address
	waiting, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if err := wait.PollUntilContextCancel(waiting, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) { return answersReady(ctx, url) }); err != nil {
		t.Fatalf("wait for prometheus: %v", err)
	}
	return url
}

// tellTargets lists the pods of the test application, as Prometheus asks for them.
// The distribution's is built without what would ask the API server itself.
func tellTargets(w http.ResponseWriter, r *http.Request) {
	type target struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	pods, err := shared.client.CoreV1().Pods(metav1.NamespaceAll).List(r.Context(), metav1.ListOptions{LabelSelector: "app=shop"})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	list := []target{}
	for i := range pods.Items {
		if p := &pods.Items[i]; p.Status.PodIP != "" && p.Status.Phase == corev1.PodRunning {
			list = append(list, target{[]string{net.JoinHostPort(p.Status.PodIP, "8080")}, map[string]string{"namespace": p.Namespace, "pod": p.Name}})
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list)
}

func answersReady(ctx context.Context, url string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/-/ready", http.NoBody)
	if err != nil {
		return false, fmt.Errorf("make request: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, nil //nolint:nilerr // It does not listen yet.
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK, nil
}

// freeAddress is one of this machine's that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
