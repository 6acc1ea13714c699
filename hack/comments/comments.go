// Package comments reads the comments of Go types, for pages and schemas that are
// made of them.
package comments

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// Texts are the comments of a package, by type and by type.field, each on one line.
type Texts map[string]string

// Read reads the comments of the types of a package, and of their fields. A
// field without one of its own, directly below one that has, shares that.
func Read(dir string) (Texts, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("read comments: no Go files in %s (error %w)", dir, err)
	}
	all := Texts{}
	fset := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read comments: %w", err)
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				all.add(fset, g)
			}
		}
	}
	return all, nil
}

func (all Texts) add(fset *token.FileSet, g *ast.GenDecl) {
	for _, s := range g.Specs {
		spec, ok := s.(*ast.TypeSpec)
		if !ok {
			continue
		}
		all[spec.Name.Name] = line(g.Doc)
		st, ok := spec.Type.(*ast.StructType)
		if !ok {
			continue
		}
		above, end := "", -1
		for _, field := range st.Fields.List {
			text, at := line(field.Doc), fset.Position(field.Pos()).Line
			if text == "" && at == end+1 {
				text = above
			}
			above, end = text, fset.Position(field.End()).Line
			for _, n := range field.Names {
				all[spec.Name.Name+"."+n.Name] = text
			}
		}
	}
}

// line is a comment on one line.
func line(g *ast.CommentGroup) string { return strings.Join(strings.Fields(g.Text()), " ") }
