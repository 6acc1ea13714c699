// Command config-schema writes the JSON Schema of the configuration file from the
// types that it is read into, their comments and their defaults.
//
//	go run ./hack/config-schema -write   writes it
//	go run ./hack/config-schema -check   fails when it is not up to date
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

// The schema is in the program, and where editors find it.
var places = []string{"config/schema/config.json", "docs/schemas/config.json"}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "config-schema: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("config-schema", flag.ContinueOnError)
	root := flags.String("root", ".", "the repository's `folder`")
	write := flags.Bool("write", false, "write the schema")
	check := flags.Bool("check", false, "fail when it is not up to date")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read flags: %w", err)
	}
	if flags.NArg() > 0 || *write == *check {
		return errors.New("give -write or -check")
	}
	made, err := generate(*root)
	if err != nil {
		return err
	}
	for _, place := range places {
		name := filepath.Join(*root, place)
		if *write {
			if err := os.WriteFile(name, made, 0o644); err != nil {
				return fmt.Errorf("write the schema: %w", err)
			}
			continue
		}
		there, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read the schema: %w", err)
		}
		if !bytes.Equal(there, made) {
			return fmt.Errorf("%s is out of date: run 'go run ./hack/config-schema -write'", place)
		}
	}
	return nil
}

// generate reads the comments of the types and makes the schema.
func generate(root string) ([]byte, error) {
	s := schemas{docs: map[string]comments.Texts{}, names: map[string]bool{}}
	for pkg, dir := range map[string]string{"config": "config", "check": "watcher/check"} {
		docs, err := comments.Read(filepath.Join(root, dir))
		if err != nil {
			return nil, err
		}
		s.docs[pkg] = docs
		if err := identifiers(filepath.Join(root, dir), s.names); err != nil {
			return nil, err
		}
	}
	return s.document()
}
