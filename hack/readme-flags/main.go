// Command readme-flags keeps the table of undog run's flags in the README
// true: the table is made from the flags themselves.
//
//	go run ./hack/readme-flags                    prints the table
//	go run ./hack/readme-flags -write README.md   puts it between its markers
//	go run ./hack/readme-flags -check README.md   fails when it is not the one there
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/undog-dev/undog/config"
)

// The lines of the README that the table stands between.
const (
	begin = "<!-- flags of undog run: made by go run ./hack/readme-flags -write README.md -->"
	end   = "<!-- end of the flags of undog run -->"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "readme-flags: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("readme-flags", flag.ContinueOnError)
	check := flags.String("check", "", "`file` whose table must be up to date")
	write := flags.String("write", "", "`file` whose table is replaced")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read flags: %w", err)
	}
	switch {
	case flags.NArg() > 0 || (*check != "" && *write != ""):
		return errors.New("give nothing, -check FILE or -write FILE")
	case *check != "":
		return verify(*check)
	case *write != "":
		return rewrite(*write)
	}
	_, err := io.WriteString(out, block())
	return err
}

// block is the table between its markers.
func block() string {
	return begin + "\n" + table() + end + "\n"
}

// table has a row for each flag, in the order of the manual.
func table() string {
	var b strings.Builder
	b.WriteString("| flag | environment | in the file | default | what it is |\n|---|---|---|---|---|\n")
	fs := pflag.NewFlagSet("run", pflag.ContinueOnError)
	config.AddFlags(fs)
	row := func(name, env, key, def string) {
		value, usage := pflag.UnquoteUsage(fs.Lookup(name))
		usage, _, _ = strings.Cut(usage, " [$")
		if key != "" {
			key = "`" + key + "`"
		}
		if def != "" {
			def = "`" + def + "`"
		}
		fmt.Fprintf(&b, "| `--%s` %s | `%s` | %s | %s | %s |\n", name, value, env, key, def, strings.ReplaceAll(usage, "|", "\\|"))
	}
	row(config.FileFlag, config.FileEnv, "", "")
	for _, s := range config.Settings() {
		row(s.Flag, s.Env(), s.Key, s.Default())
	}
	return b.String()
}

// splice returns the text with the block of today, and whether it was there.
func splice(text string) (string, bool, error) {
	before, rest, found := strings.Cut(text, begin+"\n")
	_, after, ended := strings.Cut(rest, end+"\n")
	if !found || !ended {
		return "", false, fmt.Errorf("the lines %q and %q are not both there, in this order; add them where the table belongs", begin, end)
	}
	fresh := before + block() + after
	return fresh, fresh == text, nil
}

func verify(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read the table: %w", err)
	}
	_, same, err := splice(string(text))
	switch {
	case err != nil:
		return fmt.Errorf("check %s: %w", name, err)
	case !same:
		return fmt.Errorf("the flag table in %s is out of date; run 'go run ./hack/readme-flags -write %s'", name, name)
	}
	return nil
}

func rewrite(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read the table: %w", err)
	}
	fresh, same, err := splice(string(text))
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if same {
		return nil
	}
	if err := os.WriteFile(name, []byte(fresh), 0o644); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}
