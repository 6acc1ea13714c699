package check

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var method = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$`)

func (v *validator) request(path string, r *Request) {
	if r.Method != "" && !method.MatchString(r.Method) {
		v.add(path+".method", "%s is not a method; write GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS", quote(r.Method))
	}
	v.path(path+".path", r.Path)
	v.headers(path+".headers", r.Headers)
	bodies := 0
	for _, given := range []bool{r.Form != nil, r.JSON != "", r.Text != ""} {
		if given {
			bodies++
		}
	}
	switch {
	case bodies > 1:
		v.add(path, "has more than one body; keep one of form, json and text")
	case bodies == 1 && (r.Method == "GET" || r.Method == "HEAD"):
		v.add(path+".method", "%s has no body; write POST, or remove the body", r.Method)
	}
	v.fields(path+".form", r.Form)
	v.json(path+".json", r.JSON)
	v.text(path+".text", r.Text)
	v.redirects(path+".redirects", r.Redirects)
}

// path checks that a request stays on its pod: a path says no host.
func (v *validator) path(path, value string) {
	switch {
	case value == "":
		v.add(path, "is empty; write a path such as /")
		return
	case strings.Contains(value, "://") && !strings.HasPrefix(value, "/"):
		v.add(path, "%s is a URL; write its path only, a check reaches its own pod and nothing else", quote(value))
		return
	case !strings.HasPrefix(value, "/") || strings.HasPrefix(value, "//"):
		v.add(path, "%s is not a path; begin it with one slash", quote(value))
		return
	case strings.ContainsAny(value, "#\\"):
		v.add(path, "%s holds # or \\, which are never sent; write them as %%23 and %%5C", quote(value))
		return
	}
	before := len(v.problems)
	v.text(path, value)
	if len(v.problems) == before {
		if _, err := url.Parse(placeless.ReplaceAllString(value, "x")); err != nil {
			v.add(path, "%s cannot be read as a path; escape what is special with %%", quote(value))
		}
	}
}

var placeless = regexp.MustCompile(`\{\{[^}]*\}\}`)

func (v *validator) fields(path string, fields map[string]string) {
	v.number(path, len(fields), MaxFields)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := fields[name]
		switch lower := strings.ToLower(name); {
		case name == "" || len(name) > 200:
			v.add(path, "%s is not the name of a field; write 1 to 200 characters", quote(name))
		case (strings.Contains(lower, "password") || strings.Contains(lower, "passwd")) && value != "" && !strings.Contains(value, "{{"):
			v.add(path+"."+name, "is a password in the text of the check; keep it with the persona and write {{ .persona.password }}")
		default:
			v.text(path+"."+name, value)
		}
	}
}

// json checks the body with its placeholders still in it: they may stand only
// within strings, where they cannot change what the document is.
func (v *validator) json(path, s string) {
	if s == "" {
		return
	}
	if len(s) > MaxText {
		v.add(path, "is %d bytes long; at most %d are sent", len(s), MaxText)
		return
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var document any
	err := d.Decode(&document)
	if _, after := d.Token(); err == nil && !errors.Is(after, io.EOF) {
		err = errors.New("there is more after the value")
	}
	if err != nil {
		v.add(path, "is not JSON (%v); a placeholder stands within a string: \"{{ .persona.username }}\"", err)
		return
	}
	v.jsonValue(path, document)
}

func (v *validator) jsonValue(path string, value any) {
	switch value := value.(type) {
	case string:
		v.text(path, value)
	case []any:
		for _, item := range value {
			v.jsonValue(path, item)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if strings.Contains(key, "{{") {
				v.add(path, "%s has a placeholder in a key; only values are filled in", quote(key))
			}
			v.jsonValue(path, value[key])
		}
	}
}

func (v *validator) submit(path string, s *Submit) {
	if s.Form == "" && len(s.Fields) == 0 {
		v.add(path, "names neither a form nor fields; write the form's id, name or action, or the fields that it has")
	}
	v.fields(path+".fields", s.Fields)
	v.headers(path+".headers", s.Headers)
	v.redirects(path+".redirects", s.Redirects)
}

func (v *validator) redirects(path string, n int) {
	if n < -1 || n > MaxRedirects {
		v.add(path, "%d is out of range; write 1 to %d, -1 for none, or leave it out for %d", n, MaxRedirects, DefaultRedirects)
	}
}

func (v *validator) number(path string, n, most int) {
	if n > most {
		v.add(path, "are %d; at most %d are allowed", n, most)
	}
}
