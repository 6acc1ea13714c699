// Command performance-page writes docs/performance.md from the measurements in
// docs/bench.
//
//	go run ./hack/performance-page -write   writes the page
//	go run ./hack/performance-page -check   fails when it is not up to date
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undog-dev/undog/test/bench/page"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "performance-page: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("performance-page", flag.ContinueOnError)
	docs := flags.String("docs", "docs", "the `folder` of the page")
	write := flags.Bool("write", false, "write the page")
	check := flags.Bool("check", false, "fail when it is not up to date")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read flags: %w", err)
	}
	if flags.NArg() > 0 || *write == *check {
		return errors.New("give -write or -check")
	}
	if *write {
		return page.Write(*docs)
	}
	files, err := page.Files(*docs)
	if err != nil {
		return err
	}
	for name, want := range files {
		there, err := os.ReadFile(filepath.Join(*docs, name))
		if err != nil {
			return fmt.Errorf("read the page: %w", err)
		}
		if !bytes.Equal(there, []byte(want)) {
			return fmt.Errorf("%s is out of date: run 'go run ./hack/performance-page -write'", filepath.Join(*docs, name))
		}
	}
	return nil
}
