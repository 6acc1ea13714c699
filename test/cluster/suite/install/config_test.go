package install_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/undog-dev/undog/test/cluster/chart"
)

// rendered configuration, and what undog config check says of it.
func configOf(ctx context.Context, t *testing.T, r chart.Release) (file []byte, meaning string) {
	t.Helper()
	name := r.Name
	if name == "" {
		name = chart.Name
	} else if !strings.Contains(name, "undog") {
		name += "-undog"
	}
	r.Only = []string{"config"}
	file = []byte(find[corev1.ConfigMap](t, objects(t, render(ctx, t, r)), "ConfigMap", name).Data["undog.yaml"])
	cmd := exec.CommandContext(ctx, filepath.Join(os.Getenv("UNDOG_BIN"), "undog"), "config", "check", "-")
	cmd.Stdin = strings.NewReader(string(file))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("undog config check: %v\n%s\n%s", err, out, file)
	}
	return file, string(out)
}

// undog understands what the chart tells it, however it is installed.
func TestConfigIsUnderstood(t *testing.T) {
	for name, r := range variants {
		t.Run(name, func(t *testing.T) {
			ctx := begin(t)
			file, _ := configOf(ctx, t, r)
			want := "observe"
			if strings.Contains(r.Values, "mode: enforce") {
				want = "enforce"
			}
			var got struct{ Mode string }
			if err := yaml.Unmarshal(file, &got); err != nil || got.Mode != want {
				t.Errorf("the mode is %q (%v), want %q", got.Mode, err, want)
			}
		})
	}
}

// ownKeys are what the chart says itself.
var ownKeys = []string{"kubeconfig", "nats", "http"}

// Whatever undog can be told it can be told through the chart, and it comes out
// as it was put in: numbers and durations, too.
func TestEveryKeyGoesThroughTheChart(t *testing.T) {
	ctx := begin(t)
	raw, err := os.ReadFile(root + "/examples/undog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := yaml.UnmarshalStrict(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, key := range ownKeys {
		delete(all, key)
	}
	log := all["log"].(map[string]any)
	delete(log, "format")
	values, err := yaml.Marshal(map[string]any{"config": all})
	if err != nil {
		t.Fatal(err)
	}
	file, _ := configOf(ctx, t, chart.Release{Values: string(values)})
	var got map[string]any
	if err := yaml.UnmarshalStrict(file, &got); err != nil {
		t.Fatal(err)
	}
	if format := got["log"].(map[string]any)["format"]; format != "json" {
		t.Errorf("the log's format is %v, want json", format)
	}
	delete(got["log"].(map[string]any), "format")
	for key, want := range all {
		if !reflect.DeepEqual(got[key], want) {
			a, _ := json.Marshal(got[key])
			b, _ := json.Marshal(want)
			t.Errorf("%s comes out as %s, want %s", key, a, b)
		}
	}
	for key := range got {
		if _, said := all[key]; !said && !slices.Contains(ownKeys, key) {
			t.Errorf("%s was never said", key)
		}
	}
}

// What undog needs for NATS is mounted where it is told to look.
func TestLoginIsWhereUndogLooks(t *testing.T) {
	ctx := begin(t)
	login := func(auth string) string {
		file, _ := configOf(ctx, t, chart.Release{Values: "nats: {url: \"nats://a:4222\", auth: {" + auth + "}}"})
		var got struct{ NATS map[string]any }
		if err := yaml.Unmarshal(file, &got); err != nil {
			t.Fatal(err)
		}
		delete(got.NATS, "url")
		delete(got.NATS, "stream")
		out, err := json.Marshal(got.NATS)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	for auth, want := range map[string]string{
		``: `{}`,
		`type: credentials, secret: s, key: user.creds`: `{"credentials":"/etc/undog-nats/user.creds"}`,
		`type: nkey, secret: s, key: seed`:              `{"nkey":"/etc/undog-nats/seed"}`,
		`type: token, secret: s, key: t`:                `{"tokenFile":"/etc/undog-nats/t"}`,
		`type: password, user: u, secret: s, key: p`:    `{"passwordFile":"/etc/undog-nats/p","user":"u"}`,
	} {
		if got := login(auth); got != want {
			t.Errorf("auth {%s} gives %s, want %s", auth, got, want)
		}
	}
}
