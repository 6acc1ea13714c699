// Command doc-links fails when a document points to what is not there: a file
// or folder of the repository, or a test that a file does not have. A link
// whose text is the name of a test, such as [TestUndo](path/undo_test.go), says
// that the file has it.
//
//	go run ./hack/doc-links
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	link = regexp.MustCompile(`\[([^\]]*)\]\(([^)\s]+)\)`)
	test = regexp.MustCompile("^`?((?:Test|Fuzz|Benchmark|Example)[A-Z][A-Za-z0-9_]*)`?$")
)

func main() {
	if err := check("."); err != nil {
		fmt.Fprintf(os.Stderr, "doc-links: %v\n", err)
		os.Exit(1)
	}
}

// check reads every document below the folder.
func check(root string) error {
	var problems []error
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin" || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		found, err := document(path)
		problems = append(problems, found...)
		return err
	})
	return errors.Join(append(problems, err)...)
}

// document checks the links of one, outside of its examples.
func document(path string) (problems []error, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	code := false
	for number, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code = !code
		}
		if code {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(line, -1) {
			if err := target(filepath.Dir(path), m[1], m[2]); err != nil {
				problems = append(problems, fmt.Errorf("%s:%d: %w", path, number+1, err))
			}
		}
	}
	return problems, nil
}

// target fails when what a link points to is not there.
func target(dir, text, to string) error {
	to, _, _ = strings.Cut(to, "#")
	if to == "" || strings.Contains(to, ":") {
		// A place on the same page, or on another site.
		return nil
	}
	file := filepath.Join(dir, filepath.FromSlash(to))
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("link to %s: there is no such file: correct it", to)
	}
	name := test.FindStringSubmatch(text)
	if name == nil {
		return nil
	}
	if info.IsDir() {
		return fmt.Errorf("link to %s: it is a folder: name the file that has %s", to, name[1])
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("link to %s: %w", to, err)
	}
	if !strings.Contains(string(data), "func "+name[1]+"(") {
		return fmt.Errorf("link to %s: it has no %s: name the test that holds what is said", to, name[1])
	}
	return nil
}
