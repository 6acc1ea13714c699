// Command event-contract writes what other languages need to know of undog's
// events: a JSON Schema for each kind, an AsyncAPI document and the tables of
// docs/events.md. All of it is made from package notify, its types, its
// comments and its catalog.
//
//	go run ./hack/event-contract -write   writes the files
//	go run ./hack/event-contract -check   fails when one is not up to date
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undog-dev/undog/hack/comments"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "event-contract: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("event-contract", flag.ContinueOnError)
	root := flags.String("root", ".", "the repository's `folder`")
	write := flags.Bool("write", false, "write the files")
	check := flags.Bool("check", false, "fail when a file is not up to date")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read flags: %w", err)
	}
	if flags.NArg() > 0 || *write == *check {
		return errors.New("give -write or -check")
	}
	files, err := generate(*root)
	if err != nil {
		return err
	}
	if *write {
		return save(*root, files)
	}
	return verify(*root, files)
}

// file is one that is generated; the name is relative to the repository.
type file struct {
	name string
	text []byte
}

// generate makes every file, the page included.
func generate(root string) ([]file, error) {
	docs, err := comments.Read(filepath.Join(root, "notify"))
	if err != nil {
		return nil, err
	}
	files, err := schemas(docs)
	if err != nil {
		return nil, err
	}
	asked, err := verdictSchemas(docs)
	if err != nil {
		return nil, err
	}
	async, err := asyncapi(root)
	if err != nil {
		return nil, err
	}
	page, err := page(root, docs)
	if err != nil {
		return nil, err
	}
	return append(append(files, asked...), async, page), nil
}

func save(root string, files []file) error {
	for _, f := range files {
		name := filepath.Join(root, f.name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
		if err := os.WriteFile(name, f.text, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return nil
}

func verify(root string, files []file) error {
	var errs []error
	for _, f := range files {
		there, err := os.ReadFile(filepath.Join(root, f.name))
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("check %s: %w", f.name, err))
		case !bytes.Equal(there, f.text):
			errs = append(errs, fmt.Errorf("%s is out of date: run 'go run ./hack/event-contract -write'", f.name))
		}
	}
	return errors.Join(errs...)
}
