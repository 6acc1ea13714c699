package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/undog-dev/undog/hack/comments"
	"github.com/undog-dev/undog/notify"
)

const pageName = "docs/events.md"

// page is docs/events.md with its generated parts as they are to be.
func page(root string, docs comments.Texts) (file, error) {
	b, err := os.ReadFile(filepath.Join(root, pageName))
	if err != nil {
		return file{}, fmt.Errorf("read the page: %w", err)
	}
	short, err := faults(root)
	if err != nil {
		return file{}, err
	}
	text := string(b)
	for name, part := range map[string]string{
		"faults": short,
		"kinds":  kinds(), "envelope": structure(docs, reflect.TypeFor[notify.Event]()), "data": data(docs),
	} {
		if text, err = splice(text, name, part); err != nil {
			return file{}, err
		}
	}
	for _, name := range []string{"verdict.bad", "rollback.done"} {
		b, err := os.ReadFile(filepath.Join(root, examples+name+".json"))
		if err != nil {
			return file{}, fmt.Errorf("read the example of %s: %w", name, err)
		}
		if text, err = splice(text, name, "```json\n"+string(b)+"```\n"); err != nil {
			return file{}, err
		}
	}
	return file{pageName, []byte(text)}, nil
}

// splice puts a part between its markers.
func splice(text, name, part string) (string, error) {
	begin := "<!-- " + name + ": made by go run ./hack/event-contract -write -->\n"
	end := "<!-- end of " + name + " -->\n"
	before, rest, found := strings.Cut(text, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("%s: the lines %q and %q are not both there, in this order; add them where the part belongs", pageName, begin, end)
	}
	return before + begin + part + end + after, nil
}

// kinds has a row for each kind of event.
func kinds() string {
	var b strings.Builder
	b.WriteString("| event | when | severity | durable | data always has | and, where it applies |\n|---|---|---|---|---|---|\n")
	for _, k := range notify.Kinds() {
		durable := ""
		if k.Durable {
			durable = "yes"
		}
		fmt.Fprintf(&b, "| [`%s`](schemas/v1/%s.json) | %s | %s | %s | %s | %s |\n",
			k.Name(), k.Name(), k.When, k.Severity, durable, code(k.Always), code(k.Maybe))
	}
	return b.String()
}

func code(fields []string) string {
	var quoted []string
	for _, f := range fields {
		quoted = append(quoted, "`"+f+"`")
	}
	return strings.Join(quoted, " ")
}

// data has a table for each type that data is made of.
func data(docs comments.Texts) string {
	var b strings.Builder
	for _, t := range []reflect.Type{
		reflect.TypeFor[notify.Data](), reflect.TypeFor[notify.Workload](), reflect.TypeFor[notify.Phase](),
		reflect.TypeFor[notify.Revision](), reflect.TypeFor[notify.Failure](), reflect.TypeFor[notify.Change](),
		reflect.TypeFor[notify.Veto](), reflect.TypeFor[notify.Check](), reflect.TypeFor[notify.Difference](),
		reflect.TypeFor[notify.Reported](), reflect.TypeFor[notify.Author](), reflect.TypeFor[notify.Cut](),
	} {
		fmt.Fprintf(&b, "**%s**: %s\n\n%s\n", t.Name(), docs[t.Name()], structure(docs, t))
	}
	return b.String()
}

// structure has a row for each field of a type.
func structure(docs comments.Texts, t reflect.Type) string {
	var b strings.Builder
	b.WriteString("| field | type | what it is |\n|---|---|---|\n")
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		what := docs[t.Name()+"."+f.Name]
		if what == "" {
			what = docs[f.Type.Name()]
		}
		kind := strings.NewReplacer("notify.", "", "*", "", "time.Time", "time", "int32", "int", "int64", "int", "[]", "list of ").Replace(f.Type.String())
		if options != "" {
			kind += ", optional"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, kind, strings.ReplaceAll(what, "|", "\\|"))
	}
	return b.String()
}
