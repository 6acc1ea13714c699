package config

import (
	"slices"
	"strings"
	"testing"
)

// What the file says and others say otherwise is told, with who does; what they say
// alike, or what only they say, is not.
func TestOverridden(t *testing.T) {
	file := write(t, "mode: observe\ncluster: prod\nlog: {level: warn}\nwatch: {namespaces: []}\nnats: {url: \"nats://a:hunter2@n:4222\"}\n")
	env := environment(map[string]string{
		"UNDOG_MODE": "observe", "UNDOG_CLUSTER": "prod", "UNDOG_LOG_LEVEL": "", "UNDOG_REACH": "podIP",
		"UNDOG_WATCH_NAMESPACES": "shop,web", "UNDOG_NATS_URL": "nats://b:hunter3@n:4222",
	})
	loaded, err := Load(Options{Path: file, Env: env, Flags: flags(t, "--mode=enforce")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range loaded.Overridden {
		got = append(got, o.String())
	}
	want := []string{
		`mode: the file says "observe", which counts for nothing: flag --mode says "enforce"`,
		`watch.namespaces: the file says "", which counts for nothing: environment variable UNDOG_WATCH_NAMESPACES says "shop,web"`,
		`nats.url: the file says "nats://redacted@n:4222", which counts for nothing: environment variable UNDOG_NATS_URL says "nats://redacted@n:4222"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("overridden:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
