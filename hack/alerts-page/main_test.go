package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const rule = `{{- if .Values.rule.enabled }}
{{- $of := printf "job=%q" "undog" }}
kind: PrometheusRule
metadata:
  name: {{ $name }}
  labels:
    {{- toYaml . | nindent 4 }}
spec:
  groups:
    - name: undog
      rules:
        - alert: Late
          expr: max(undog_age{ {{- $of -}} ,kind="a"}) > 60
          labels: {severity: warning}
          annotations:
            summary: It is late
            description: By {{ "{{ $value | humanizeDuration }}" }}, in {{ "{{ $labels.component }}" }} | more.
            action: Wait.
{{- end }}
`

func TestPage(t *testing.T) {
	root := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page := "before\n" + begin + "old\n" + end + "after\n"
	put(templateName, rule)
	put(pageName, page)
	if err := run([]string{"-root", root, "-check"}); err == nil || !strings.Contains(err.Error(), "out of date") {
		t.Errorf("a page that is out of date gives %v", err)
	}
	if err := run([]string{"-root", root, "-write"}); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-root", root, "-check"}); err != nil {
		t.Errorf("a page just written gives %v", err)
	}
	got, err := os.ReadFile(filepath.Join(root, pageName))
	if err != nil {
		t.Fatal(err)
	}
	want := "before\n" + begin + "| alert | severity | it means | you do |\n|---|---|---|---|\n" +
		"| `Late` | warning | **It is late.** By `value`, in `component` \\| more. | Wait. |\n" + end + "after\n"
	if string(got) != want {
		t.Errorf("the page is\n%s\nwant\n%s", got, want)
	}
	for name, broken := range map[string]string{
		"no action":   strings.Replace(rule, "            action: Wait.\n", "", 1),
		"no severity": strings.Replace(rule, "severity: warning", "", 1),
		"no alerts":   "kind: PrometheusRule\n",
		"no YAML":     "kind: [\n",
	} {
		put(templateName, broken)
		if err := run([]string{"-root", root, "-write"}); err == nil {
			t.Errorf("%s: the table is written all the same", name)
		}
	}
	put(templateName, rule)
	put(pageName, "no markers")
	for _, args := range [][]string{{"-root", root, "-write"}, {}, {"-write", "-check"}} {
		if err := run(args); err == nil {
			t.Errorf("%q does not fail", args)
		}
	}
}
