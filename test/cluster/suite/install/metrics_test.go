package install_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/test/cluster/chart"
)

// operators is the part of the operator's types that the chart uses.
type (
	serviceMonitor struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Metadata   map[string]any `json:"metadata"`
		Spec       struct {
			Selector  map[string]map[string]string `json:"selector"`
			Endpoints []struct {
				Port     string `json:"port"`
				Path     string `json:"path"`
				Interval string `json:"interval"`
			} `json:"endpoints"`
		} `json:"spec"`
	}
	prometheusRule struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Metadata   map[string]any `json:"metadata"`
		Spec       struct {
			Groups []struct {
				Name  string `json:"name"`
				Rules []struct {
					Alert       string            `json:"alert"`
					Expr        string            `json:"expr"`
					For         string            `json:"for"`
					Labels      map[string]string `json:"labels"`
					Annotations map[string]string `json:"annotations"`
				} `json:"rules"`
			} `json:"groups"`
		} `json:"spec"`
	}
)

var (
	literal = regexp.MustCompile(`"(undog_[a-z_]+)"`)
	used    = regexp.MustCompile(`\bundog_[a-z_]+`)
	kinds   = regexp.MustCompile(`kind="([a-z.-]+)"`)
)

// sources finds a pattern in undog's own sources.
func sources(t *testing.T, dir string, pattern *regexp.Regexp) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range pattern.FindAllStringSubmatch(string(raw), -1) {
			found[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// exist fails for names of metrics and of events that undog does not have.
func exist(t *testing.T, where string, expressions ...string) {
	t.Helper()
	metrics := sources(t, "cmd/undog", literal)
	events := sources(t, "policy", regexp.MustCompile(`TransitionKind = "([a-z.-]+)"`))
	for _, e := range expressions {
		for _, name := range used.FindAllString(e, -1) {
			plain := name
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				plain = strings.TrimSuffix(plain, suffix)
			}
			if !metrics[name] && !metrics[plain] {
				t.Errorf("%s: undog has no metric %s", where, name)
			}
		}
		for _, m := range kinds.FindAllStringSubmatch(e, -1) {
			if !events[m[1]] {
				t.Errorf("%s: undog tells no %s", where, m[1])
			}
		}
	}
}

// Alerts and monitors are what the operator reads, and about what undog counts.
func TestAlerts(t *testing.T) {
	ctx := begin(t)
	all := objects(t, render(ctx, t, chart.Release{Values: "metrics: {serviceMonitor: {enabled: true}, prometheusRule: {enabled: true}}"}))
	rule := find[prometheusRule](t, all, "PrometheusRule", "undog")
	alerts := map[string]string{}
	for _, g := range rule.Spec.Groups {
		for _, r := range g.Rules {
			alerts[r.Alert] = r.Expr
			exist(t, r.Alert, r.Expr)
			if r.Annotations["summary"] == "" || r.Annotations["description"] == "" || r.Annotations["action"] == "" || r.Labels["severity"] == "" {
				t.Errorf("%s does not say what to do, or how bad it is", r.Alert)
			}
		}
	}
	for _, want := range []string{
		"UndogDown", "UndogStalled", "UndogCachesStale", "UndogOutboxOld", "UndogRollbackRefused", "UndogBrakeEngaged", "UndogClockOff", "UndogNATSAcksNotDurable",
	} {
		if alerts[want] == "" {
			t.Errorf("there is no alert %s, but %v", want, slices.Sorted(maps.Keys(alerts)))
		}
	}
	monitor := find[serviceMonitor](t, all, "ServiceMonitor", "undog")
	service := find[corev1.Service](t, all, "Service", "undog")
	for key, value := range monitor.Spec.Selector["matchLabels"] {
		if service.Labels[key] != value {
			t.Errorf("the monitor looks for %s=%s, which the service does not have", key, value)
		}
	}
	if port := monitor.Spec.Endpoints[0].Port; port != service.Spec.Ports[0].Name {
		t.Errorf("the monitor asks port %s, which the service does not have", port)
	}
}

// The dashboard is JSON, its panels do not overlap, and it shows what undog counts.
func TestDashboard(t *testing.T) {
	ctx := begin(t)
	all := objects(t, render(ctx, t, chart.Release{Values: "metrics: {dashboard: {enabled: true}}"}))
	var board struct {
		UID    string
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	raw := find[corev1.ConfigMap](t, all, "ConfigMap", "undog-dashboard").Data["undog.json"]
	if err := json.Unmarshal([]byte(raw), &board); err != nil {
		t.Fatal(err)
	}
	taken := map[[2]int]string{}
	for _, p := range board.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("%s shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			exist(t, p.Title, target.Expr)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies over %s, or beyond the edge", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
	if board.UID == "" || len(taken) == 0 {
		t.Error("the dashboard has no uid, or no panels")
	}
}
