// Command metrics-page writes the table of docs/metrics.md from the metrics that
// undog registers.
//
//	go run ./hack/metrics-page -write   writes the table
//	go run ./hack/metrics-page -check   fails when it is not up to date
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/undog-dev/undog/cmd/undog/app"
	"github.com/undog-dev/undog/cmd/undog/meter"
)

const (
	pageName = "docs/metrics.md"
	begin    = "<!-- metrics: made by go run ./hack/metrics-page -write -->\n"
	end      = "<!-- end of metrics -->\n"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "metrics-page: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("metrics-page", flag.ContinueOnError)
	root := flags.String("root", ".", "the repository's `folder`")
	write := flags.Bool("write", false, "write the table")
	check := flags.Bool("check", false, "fail when it is not up to date")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read flags: %w", err)
	}
	if flags.NArg() > 0 || *write == *check {
		return errors.New("give -write or -check")
	}
	name := filepath.Join(*root, pageName)
	there, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	page, err := splice(string(there), table(app.Metrics()))
	if err != nil {
		return err
	}
	switch {
	case *write:
		if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
	case page != string(there):
		return fmt.Errorf("%s is out of date: run 'go run ./hack/metrics-page -write'", pageName)
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

// table has a row for each metric.
func table(families []meter.Family) string {
	var b strings.Builder
	b.WriteString("| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, f := range families {
		labels := ""
		if len(f.Labels) > 0 {
			labels = "`" + strings.Join(f.Labels, "`, `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, f.Type, labels, strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;").Replace(f.Help))
	}
	return b.String()
}
