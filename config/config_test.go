package config

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
)

// Every text has a check under its path, and no check is left without a text.
func TestEveryTextIsChecked(t *testing.T) {
	var texts []string
	var walk func(t reflect.Type, at string)
	walk = func(rt reflect.Type, at string) {
		switch {
		case rt == reflect.TypeFor[check.Check]() || rt == reflect.TypeFor[map[string]string]():
			// Package check judges the one, what belongs together the other.
		case rt == durationType || rt == fractionType || rt.Kind() == reflect.Int || rt.Kind() == reflect.Bool:
		case rt.Kind() == reflect.Struct:
			for field := range rt.Fields() {
				walk(field.Type, strings.TrimPrefix(at+"."+field.Tag.Get("yaml"), "."))
			}
		case rt.Kind() == reflect.Slice:
			walk(rt.Elem(), at+"[]")
		case rt.Kind() == reflect.String:
			texts = append(texts, at)
		default:
			t.Errorf("%s has the kind %s, which decode.go does not know", at, rt.Kind())
		}
	}
	walk(reflect.TypeFor[Config](), "")
	slices.Sort(texts)
	if known := slices.Sorted(maps.Keys(checks)); !slices.Equal(texts, known) {
		t.Errorf("texts  %v\nchecks %v", texts, known)
	}
}

// Every setting that is given once can be set by flag and environment.
func TestEveryScalarIsASetting(t *testing.T) {
	var keys []string
	for _, s := range settings {
		keys = append(keys, s.Key)
	}
	for pattern := range checks {
		key := strings.TrimSuffix(pattern, "[]")
		if !strings.Contains(pattern, "[].") && !strings.HasPrefix(key, "prometheus.") && !slices.Contains(keys, key) {
			t.Errorf("%s is no setting", key)
		}
	}
}

// The defaults pass their own checks.
func TestDefaultIsValid(t *testing.T) {
	d := Default()
	file, err := Parse("default", []byte(dump(&d)), Compilers{})
	if err != nil {
		t.Fatal(err)
	}
	if got := dump(&file.Config); got != dump(&d) {
		t.Errorf("read back as\n%s", got)
	}
}

var index = regexp.MustCompile(`\[[0-9]+\]`)

// parsed is what a file says.
func parsed(name string) (*File, error) {
	data, err := Read(name)
	if err != nil {
		return nil, err
	}
	return Parse(name, data, Compilers{})
}

// The example names every key, is accepted as it stands without a warning,
// and its comments tell the true defaults.
func TestExample(t *testing.T) {
	const name = "../examples/undog.yaml"
	file, err := parsed(name)
	if err != nil {
		t.Fatal(err)
	}
	if warnings := Warnings(&file.Config); len(warnings) > 0 {
		t.Errorf("warnings: %v", warnings)
	}
	var have []string
	for path := range file.lines {
		have = append(have, index.ReplaceAllString(path, "[]"))
	}
	for _, want := range allPaths(reflect.TypeFor[Config](), "") {
		if !slices.Contains(have, want) {
			t.Errorf("the example lacks %s", want)
		}
	}
	// It sets the default everywhere but here.
	got := file.Config
	if got.Cluster != "demo" || len(got.Policies) != 2 {
		t.Errorf("cluster %q, %d policies", got.Cluster, len(got.Policies))
	}
	want := Default()
	got.Cluster, got.Policies = want.Cluster, got.Policies[1:]
	got.Checks, got.Personas, got.Prometheus = nil, nil, want.Prometheus
	if dump(&got) != dump(&want) {
		t.Errorf("got\n%swant\n%s", dump(&got), dump(&want))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	comments := strings.Join(strings.Fields(strings.ReplaceAll(string(text), "#", " ")), " ")
	for _, s := range settings {
		_, key, _ := cutLast(s.Key)
		def := s.Default()
		switch {
		case s.List:
			def = "[]"
		case def == "":
			def = `""`
		}
		if !regexpDefault(comments, def, key) {
			t.Errorf("no comment before %s says Default: %s", key, def)
		}
	}
	for key, def := range map[string]string{
		"action": string(want.Policies[0].Action), "bake": want.Policies[0].Bake.String(), "readyWithin": "0",
		"falseRollbackBudget": "0.001", "freeze": "[]", "rules": "[]", "without": "[]",
		"rollouts": strconv.Itoa(want.Brake.Rollouts), "within": want.Brake.Within.String(), "leaseDuration": "15s", "renewDeadline": "10s", "retryPeriod": "2s", "timezone": "UTC", "days": "every day",
		"checks": "[]", "every": Duration(policy.DefaultEvery).String(), "scheme": "http", "timeout": Duration(check.DefaultTimeout).String(),
		"bodyLimit": strconv.Itoa(check.DefaultBody), "redirects": strconv.Itoa(check.DefaultRedirects), "personas": "[]", "pprof": "false",
	} {
		if !regexpDefault(comments, def, key) {
			t.Errorf("no comment before %s says Default: %s", key, def)
		}
	}
}

// regexpDefault tells whether the last default told before a key is def.
func regexpDefault(text, def, key string) bool {
	before, _, found := strings.Cut(text, " "+key+": ")
	if !found {
		return false
	}
	i := strings.LastIndex(before, "Default: ")
	return i >= 0 && strings.HasPrefix(before[i+len("Default: "):]+" ", def) &&
		len(before)-i < 160
}

func TestDurationString(t *testing.T) {
	for in, want := range map[time.Duration]string{
		0: "0s", 10 * time.Minute: "10m", 90 * time.Second: "1m30s", time.Hour: "1h",
		100 * time.Hour: "100h", time.Hour + time.Second: "1h0m1s", 90 * time.Minute: "1h30m", 10 * time.Second: "10s",
	} {
		got := Duration(in).String()
		if got != want {
			t.Errorf("%v is written %s, want %s", in, got, want)
		}
		if back, text := parseDuration(got); text != "" || back != Duration(in) {
			t.Errorf("%s is read back as %v (%s)", got, back, text)
		}
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"nats://a:4222":                  "nats://a:4222",
		"nats://u:hunter2@a:1,tls://t@b": "nats://redacted@a:1,tls://redacted@b",
		"nats://a?token=hunter2":         "nats://a",
		"nats://u:hunter2@%zz":           "(not a URL)",
	} {
		if got := Redact(in); got != want {
			t.Errorf("Redact(%q) = %q, want %q", in, got, want)
		}
	}
}
