package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// texts are the comments of package notify, by type and by type.field.
type texts map[string]string

// comments reads the comments of the types of a package, and of their fields. A
// field without one of its own, directly below one that has, shares that.
func comments(dir string) (texts, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("read comments: no Go files in %s (error %w)", dir, err)
	}
	all := texts{}
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

func (all texts) add(fset *token.FileSet, g *ast.GenDecl) {
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
