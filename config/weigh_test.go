package config_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
)

// altered calls f with each value of a configuration altered alone, and its key.
func altered(t *testing.T, f func(key string, now *config.Config)) {
	t.Helper()
	var each func(old reflect.Value, at func(*config.Config) reflect.Value, key string)
	each = func(old reflect.Value, at func(*config.Config) reflect.Value, key string) {
		if old.Kind() == reflect.Struct {
			for i := range old.NumField() {
				name, _, _ := strings.Cut(old.Type().Field(i).Tag.Get("yaml"), ",")
				each(old.Field(i), func(c *config.Config) reflect.Value { return at(c).Field(i) }, strings.TrimPrefix(key+"."+name, "."))
			}
			return
		}
		now := config.Default()
		switch v := at(&now); v.Kind() {
		case reflect.String:
			v.SetString(v.String() + "x")
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Int, reflect.Int64:
			v.SetInt(v.Int() + 1)
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), v.Len()+1, v.Len()+1))
		default:
			t.Errorf("%s is of a kind that is not altered here: %s", key, v.Kind())
		}
		f(key, &now)
	}
	start := config.Default()
	each(reflect.ValueOf(start), func(c *config.Config) reflect.Value { return reflect.ValueOf(c).Elem() }, "")
}

// Each key counts when the page says, and undog takes its change accordingly.
func TestWeighEachKey(t *testing.T) {
	page := onPage(t)
	running := config.Default()
	seen := map[string]bool{}
	altered(t, func(key string, now *config.Config) {
		next, diff, err := config.Weigh(&running, []byte("x"), func([]byte) (*config.Config, error) { return now, nil })
		if len(diff) != 1 || diff[0].Path != key {
			t.Fatalf("%s was altered, and %s is told", key, diff)
		}
		late := diff[0].Counts == config.NextStart
		if (next == nil) != late || errors.Is(err, config.ErrNextStart) != late || !late && err != nil {
			t.Errorf("%s counts %s, and undog says: %v", key, diff[0].Counts, err)
		}
		name := key
		for page[name] == "" && strings.Contains(name, ".") {
			name = name[:strings.LastIndexByte(name, '.')]
		}
		if seen[name] = true; page[name] != diff[0].Counts {
			t.Errorf("%s counts %s; docs/configuration.md has it under %q", key, diff[0].Counts, page[name])
		}
	})
	for name := range page {
		if !seen[name] {
			t.Errorf("docs/configuration.md says when %s counts, which is no key", name)
		}
	}
}

// onPage is the page's table of keys and from when on they count.
func onPage(t *testing.T) map[string]config.Counts {
	t.Helper()
	raw, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(raw), "\n| keys | count |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	keys := map[string]config.Counts{}
	order := []config.Counts{config.AtOnce, config.LaterRollouts, config.NextStart}
	rows := strings.Split(table, "\n")
	if len(rows) != len(order) {
		t.Fatalf("docs/configuration.md has %d rows of keys, want %d", len(rows), len(order))
	}
	for i, row := range rows {
		for word := range strings.FieldsSeq(strings.Split(row, "|")[1]) {
			keys[strings.Trim(word, "`")] = order[i]
		}
	}
	return keys
}

// What forbids most is never late.
func TestObserveCountsAtOnce(t *testing.T) {
	observe, enforce := config.Default(), config.Default()
	observe.Mode = policy.Observe
	for _, tt := range []struct {
		old, now *config.Config
		want     config.Counts
	}{{&enforce, &observe, config.AtOnce}, {&observe, &enforce, config.LaterRollouts}} {
		if d := config.Changes(tt.old, tt.now); len(d) != 1 || d[0].Counts != tt.want {
			t.Errorf("from %s to %s counts %v, want %s", tt.old.Mode, tt.now.Mode, d, tt.want)
		}
	}
}

// A file is taken whole or not at all.
func TestWeighIsWhole(t *testing.T) {
	running, now := config.Default(), config.Default()
	now.Log.Level, now.Cluster = "debug", "other"
	load := func([]byte) (*config.Config, error) { return &now, nil }
	next, diff, err := config.Weigh(&running, []byte("x"), load)
	if next != nil || len(diff) != 2 || fmt.Sprint(err) != `what undog reads only when it starts was changed: cluster: "default" → "other"; start undog anew, or take that back` {
		t.Errorf("%v, %v, %v", next, diff, err)
	}
	if _, _, err := config.Weigh(&running, []byte("\n \n"), load); !errors.Is(err, config.ErrEmpty) {
		t.Errorf("an empty file: %v", err)
	}
	wrong := errors.New("wrong")
	if next, diff, err = config.Weigh(&running, []byte("x"), func([]byte) (*config.Config, error) { return nil, wrong }); next != nil || len(diff) > 0 || !errors.Is(err, wrong) {
		t.Errorf("%v, %v, %v", next, diff, err)
	}
}
