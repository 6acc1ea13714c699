// Command alerts-page writes the table of alerts of docs/operations.md from the
// chart's template of them.
//
//	go run ./hack/alerts-page -write   writes the table
//	go run ./hack/alerts-page -check   fails when it is not up to date
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

const (
	templateName = "deploy/helm/undog/templates/prometheusrule.yaml"
	pageName     = "docs/operations.md"
	begin        = "<!-- alerts: made by go run ./hack/alerts-page -write -->\n"
	end          = "<!-- end of alerts -->\n"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "alerts-page: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("alerts-page", flag.ContinueOnError)
	root := flags.String("root", ".", "the repository's `folder`")
	write := flags.Bool("write", false, "write the table")
	check := flags.Bool("check", false, "fail when it is not up to date")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read flags: %w", err)
	}
	if flags.NArg() > 0 || *write == *check {
		return errors.New("give -write or -check")
	}
	template, err := os.ReadFile(filepath.Join(*root, templateName))
	if err != nil {
		return fmt.Errorf("read the alerts: %w", err)
	}
	name := filepath.Join(*root, pageName)
	there, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	alerts, err := parse(string(template))
	if err != nil {
		return fmt.Errorf("read %s: %w", templateName, err)
	}
	page, err := splice(string(there), table(alerts))
	if err != nil {
		return err
	}
	switch {
	case *write:
		if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
	case page != string(there):
		return fmt.Errorf("%s is out of date: run 'go run ./hack/alerts-page -write'", pageName)
	}
	return nil
}

// splice puts the table between its markers.
func splice(page, table string) (string, error) {
	before, rest, found := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("%s: the lines %q and %q are not both there, in this order; add them where the table belongs", pageName, begin, end)
	}
	return before + begin + table + end + after, nil
}

// alert is what the page tells of one.
type alert struct {
	Alert       string `json:"alert"`
	Labels      struct{ Severity string }
	Annotations struct{ Summary, Description, Action string }
}

// What Helm replaces: values that Prometheus fills in are told by their names,
// the rest is not in what the page tells.
var (
	value  = regexp.MustCompile(`\{\{ "\{\{ \$(?:labels\.)?(\w+)[^}]*\}\}" \}\}`)
	action = regexp.MustCompile(`\{\{[^}]*\}\}`)
)

// parse reads the alerts of the template without Helm.
func parse(template string) ([]alert, error) {
	var plain strings.Builder
	for line := range strings.Lines(template) {
		if strings.HasPrefix(strings.TrimSpace(line), "{{") {
			continue
		}
		plain.WriteString(action.ReplaceAllString(value.ReplaceAllString(line, "`$1`"), ""))
	}
	var rule struct {
		Spec struct{ Groups []struct{ Rules []alert } }
	}
	if err := yaml.Unmarshal([]byte(plain.String()), &rule); err != nil {
		return nil, fmt.Errorf("parse it without its template's actions: %w", err)
	}
	var all []alert
	for _, g := range rule.Spec.Groups {
		for _, a := range g.Rules {
			if a.Alert == "" || a.Labels.Severity == "" || a.Annotations.Summary == "" || a.Annotations.Description == "" || a.Annotations.Action == "" {
				return nil, fmt.Errorf("alert %q: give it a severity, a summary, a description and an action", a.Alert)
			}
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("it has no alerts")
	}
	return all, nil
}

// table has a row for each alert.
func table(alerts []alert) string {
	var b strings.Builder
	b.WriteString("| alert | severity | it means | you do |\n|---|---|---|---|\n")
	for _, a := range alerts {
		fmt.Fprintf(&b, "| `%s` | %s | **%s.** %s | %s |\n", a.Alert, a.Labels.Severity, cell(a.Annotations.Summary), cell(a.Annotations.Description), cell(a.Annotations.Action))
	}
	return b.String()
}

func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;", "\n", " ").Replace(strings.TrimSpace(text))
}
