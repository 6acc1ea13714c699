package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undog-dev/undog/notify"
)

var freeze = flag.Bool("freeze", false, "add what is new to the promises of v1; nothing is taken away")

// frozen lists what was ever promised of v1, one field a line.
const frozen = repo + "/notify/testdata/v1.frozen.txt"

// TestV1 holds the schemas that are checked in to what was promised: nothing is
// gone, nothing has another type, what was always there still is, and what came
// later is optional.
func TestV1(t *testing.T) {
	now := promises(t)
	b, err := os.ReadFile(frozen)
	if err != nil && !*freeze {
		t.Fatal(err)
	}
	before := strings.Split(strings.TrimSpace(string(b)), "\n")
	if problem := broken(before, now); problem != "" && err == nil {
		t.Fatal(problem)
	}
	if missing := lacking(now, before); len(missing) > 0 && !*freeze {
		t.Errorf("new in v1 and not yet promised: run 'go test ./hack/event-contract -freeze':\n%s", strings.Join(missing, "\n"))
	}
	if *freeze {
		if err := os.WriteFile(frozen, []byte(strings.Join(now, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBrokenPromisesAreNoticed tries what must not happen within v1.
func TestBrokenPromisesAreNoticed(t *testing.T) {
	before := []string{"a data.x string always", "a data.y integer optional", "event data Data always", "event data.u integer optional", "request v string always", "request v=good optional"}
	change := func(from, to string) []string {
		return strings.Split(strings.Replace(strings.Join(before, "\n"), from, to, 1), "\n")
	}
	for name, c := range map[string]struct {
		now  []string
		want string
	}{
		"removed":            {before[1:], "data.x"},
		"other type":         {change("integer", "string"), "data.y"},
		"not always":         {change("string always", "string optional"), "data.x"},
		"new, always":        {append(slices.Clone(before), "event data.z string always"), "data.z"},
		"promised anew":      {append(slices.Clone(before), "a data.z present always"), "data.z"},
		"new, optional":      {append(slices.Clone(before), "event data.z string optional"), ""},
		"new, and within it": {append(slices.Clone(before), "event data.z array of Z optional", "event data.z[].n string always"), ""},
		"request needs more": {append(slices.Clone(before), "request c string always"), "request c"},
		"value not taken":    {slices.Delete(slices.Clone(before), 5, 6), "request v=good"},
		"new kind":           {append(slices.Clone(before), "b data.z present always"), ""},
	} {
		got := broken(before, c.now)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want something with %q", name, got, c.want)
		}
	}
}

// broken says which promise is not kept, "" if all are.
func broken(before, now []string) string {
	var faults []string
	for _, line := range lacking(before, now) {
		faults = append(faults, "was promised for v1 and is no longer so: "+line)
	}
	known := func(start string) bool {
		return slices.ContainsFunc(before, func(line string) bool { return strings.HasPrefix(line, start+" ") })
	}
	for _, line := range lacking(now, before) {
		parts := strings.Fields(line)
		within := parts[0]
		if i := strings.LastIndexByte(parts[1], '.'); i > 0 && slices.Contains([]string{"event", "request", "reply"}, parts[0]) {
			within += " " + strings.TrimSuffix(parts[1][:i], "[]")
		}
		if strings.HasSuffix(line, " always") && known(within) {
			faults = append(faults, "is new, and events in the streams of today lack it, so it must be optional: "+line)
		}
	}
	return strings.Join(faults, "\n")
}

// lacking are the lines of a that b does not have.
func lacking(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(line string) bool { return slices.Contains(b, line) })
}

// promises lists every field of every schema: "kind path type always|optional". A
// request and its reply count as kinds.
func promises(t *testing.T) []string {
	t.Helper()
	event := parse(t, "event")
	lines := flatten(event, event, "event", "")
	for _, k := range notify.Kinds() {
		s := parse(t, k.Name())
		data := s["properties"].(map[string]any)["data"].(map[string]any)
		lines = append(lines, fmt.Sprintf("%s type %v always", k.Name(), s["properties"].(map[string]any)["type"].(map[string]any)["const"]))
		for _, name := range data["required"].([]any) {
			lines = append(lines, fmt.Sprintf("%s data.%v present always", k.Name(), name))
		}
		if k.Durable {
			lines = append(lines, k.Name()+" durable yes always")
		}
	}
	for _, name := range []string{"request", "reply"} {
		s := parse(t, requests+"verdict."+name)
		lines = append(lines, flatten(s, s, name, "")...)
	}
	slices.Sort(lines)
	return lines
}

// flatten lists the fields of an object and of those within.
func flatten(root, s map[string]any, kind, path string) []string {
	if to, ok := s["$ref"].(string); ok {
		s = root["$defs"].(map[string]any)[strings.TrimPrefix(to, "#/$defs/")].(map[string]any)
	}
	if items, ok := s["items"].(map[string]any); ok {
		return flatten(root, items, kind, path+"[]")
	}
	var lines []string
	fields, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for name, v := range fields {
		field := v.(map[string]any)
		what, _ := field["type"].(string)
		if to, ok := field["$ref"].(string); ok {
			what = strings.TrimPrefix(to, "#/$defs/")
		}
		if items, ok := field["items"].(map[string]any); ok {
			what = fmt.Sprintf("array of %v%v", items["type"], items["$ref"])
		}
		if format, ok := field["format"].(string); ok {
			what += " " + format
		}
		when := "optional"
		if slices.Contains(required, any(name)) {
			when = "always"
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		values, _ := field["enum"].([]any)
		for _, v := range values {
			lines = append(lines, fmt.Sprintf("%s %s=%v optional", kind, at, v))
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s", kind, at, strings.ReplaceAll(strings.ReplaceAll(what, "<nil>", ""), "#/$defs/", ""), when))
		lines = append(lines, flatten(root, field, kind, at)...)
	}
	return lines
}

func parse(t *testing.T, name string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repo, folder, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s
}
