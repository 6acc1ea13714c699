package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"github.com/undog-dev/undog/config"
)

// describe is what is said of a key: by its flag, by the field's own comment, or
// by that of its type, in the words of the file.
func (s *schemas) describe(owner reflect.Type, f reflect.StructField, key, at string) (string, error) {
	for _, flag := range config.Settings() {
		if flag.Key == at {
			return ofFlag(flag.Usage), nil
		}
	}
	text := s.docs[path.Base(owner.PkgPath())][owner.Name()+"."+f.Name]
	if !strings.Contains(text, f.Name) {
		text = "" // It is that of the field above.
	}
	text = inFile(text, owner, f.Name)
	t := f.Type
	if text == "" && t.Kind() == reflect.Struct {
		text = inFile(s.docs[path.Base(t.PkgPath())][t.Name()], t, "")
		text = regexp.MustCompile(`\b`+t.Name()+`\b`).ReplaceAllString(text, key)
	}
	if text == "" {
		return "", fmt.Errorf("describe %s: %s.%s has no comment: give it one", at, owner.Name(), f.Name)
	}
	if name := s.foreign(text); name != "" {
		return "", fmt.Errorf("describe %s: the comment of %s.%s says %q, which is Go's word and not the file's: reword it\n%s", at, owner.Name(), f.Name, name, text)
	}
	return text, nil
}

var (
	// option is a flag in the usage of another.
	option = regexp.MustCompile(`--([a-z-]+)`)
	// word is what may be an identifier, or the path of a package.
	word = regexp.MustCompile(`\bpackage \w+|[\w/.]*\b(?:policy|watcher|notify|cmd)/\w+|\b[A-Z]\w*\b`)
)

// proper are names that everybody knows, whatever else Go calls so.
var proper = map[string]bool{"Secret": true, "Prometheus": true}

// ofFlag is the usage of a flag for who writes the file.
func ofFlag(usage string) string {
	for _, flag := range config.Settings() {
		usage = option.ReplaceAllStringFunc(usage, func(found string) string {
			if found == "--"+flag.Flag {
				return flag.Key
			}
			return found
		})
	}
	return strings.NewReplacer("`", "", ", repeatable", "").Replace(usage)
}

// inFile gives the fields of a type that a comment names the names that they
// have in the file. A word of capitals is a word, unless the comment begins
// with it and is the field's own.
func inFile(text string, t reflect.Type, own string) string {
	keys := map[string]string{}
	for f := range t.Fields() {
		keys[f.Name], _, _ = strings.Cut(f.Tag.Get("yaml"), ",")
	}
	first := true
	return word.ReplaceAllStringFunc(text, func(found string) string {
		begins := first && strings.HasPrefix(text, found)
		first = false
		if key := keys[found]; key != "" && (capitals(found) == "" && !proper[found] || begins && found == own) {
			return key
		}
		return found
	})
}

// capitals is the word if it has no small letters.
func capitals(w string) string {
	if w == strings.ToUpper(w) {
		return w
	}
	return ""
}

// foreign is the first word of the text that only who reads the program knows.
func (s *schemas) foreign(text string) string {
	for _, w := range word.FindAllString(text, -1) {
		if strings.ContainsAny(w, " /") || s.names[w] && !proper[w] && capitals(w) == "" {
			return w
		}
	}
	return ""
}

// identifiers adds the exported names of a package, and those of fields.
func identifiers(dir string, to map[string]bool) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return fmt.Errorf("list the files of %s: %w", dir, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("read the names of %s: %w", dir, err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				to[n.Name.Name] = true
			case *ast.FuncDecl:
				to[n.Name.Name] = true
			case *ast.ValueSpec:
				for _, id := range n.Names {
					to[id.Name] = true
				}
			case *ast.Field:
				for _, id := range n.Names {
					to[id.Name] = true
				}
			}
			return true
		})
	}
	return nil
}
