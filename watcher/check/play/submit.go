package play

import (
	"bytes"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/form"
)

// submit fills in a form of the last page.
func (s *session) submit(sub *check.Submit) (*outgoing, *failure) {
	f, wrong := s.form(sub)
	if wrong != nil {
		return nil, wrong
	}
	here := &url.URL{Scheme: s.scheme(), Host: s.host}
	if asked, err := url.ParseRequestURI(s.page.Path); err == nil {
		here.Path, here.RawPath, here.RawQuery = asked.Path, asked.RawPath, asked.RawQuery
	}
	target, err := here.Parse(f.Action)
	if err != nil || !sameHost(target, s.host) {
		return nil, inconclusive(check.ReasonForm, "the form is sent to %s, which is not the pod", bare(f.Action))
	}
	s.password = passwordOf(f, sub)
	values := url.Values{}
	for _, field := range f.Fields {
		if field.Sent {
			values.Add(field.Name, field.Value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sub.Fields)) {
		value, wrong := s.fill(sub.Fields[name])
		if wrong != nil {
			return nil, wrong
		}
		values.Set(name, value)
	}
	out := &outgoing{
		method: f.Method, header: http.Header{}, redirects: limit(sub.Redirects),
		url: &url.URL{Path: target.Path, RawPath: target.RawPath, RawQuery: target.RawQuery},
	}
	if out.url.Path == "" {
		out.url.Path = "/"
	}
	out.header.Set("Referer", here.String())
	switch {
	case f.Method == http.MethodGet:
		out.url.RawQuery = values.Encode()
	case f.Multipart:
		if out.body, wrong = encode(values, out.header); wrong != nil {
			return nil, wrong
		}
	default:
		out.body = values.Encode()
		out.header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return out, s.headers(out, sub.Headers)
}

// password is the type of the field that a login has.
const password = "password"

// passwordOf is the field of the form that takes a password that is submitted, or "".
func passwordOf(f *form.Form, sub *check.Submit) string {
	for _, field := range f.Fields {
		if _, given := sub.Fields[field.Name]; given && field.Type == password {
			return field.Name
		}
	}
	return ""
}

// refused tells whether a submitted password is asked for again: nobody is
// logged in.
func (s *session) refused(step *script, r *check.Response) bool {
	if step.Submit == nil || s.password == "" || r == nil {
		return false
	}
	return slices.ContainsFunc(form.All(r.Body), func(f form.Form) bool {
		return slices.ContainsFunc(f.Fields, func(field form.Field) bool { return field.Type == password && field.Name == s.password })
	})
}

// form finds the form that is meant.
func (s *session) form(sub *check.Submit) (*form.Form, *failure) {
	if s.page == nil {
		return nil, inconclusive(check.ReasonForm, "there is no page to take the form from")
	}
	forms := form.All(s.page.Body)
	for i := range forms {
		f := &forms[i]
		if sub.Form != "" && f.ID != sub.Form && f.Name != sub.Form && f.Action != sub.Form {
			continue
		}
		missing := ""
		for _, name := range slices.Sorted(maps.Keys(sub.Fields)) {
			if !f.Has(name) && missing == "" {
				missing = name
			}
		}
		switch {
		case missing == "":
			return f, nil
		case sub.Form != "":
			return nil, inconclusive(check.ReasonForm, "form %s on %s has no field %s", sub.Form, bare(s.page.Path), missing)
		}
	}
	if sub.Form != "" {
		return nil, inconclusive(check.ReasonForm, "%s has %d forms, none of them %s", bare(s.page.Path), len(forms), sub.Form)
	}
	return nil, inconclusive(check.ReasonForm, "%s has %d forms, none with all of the fields %s", bare(s.page.Path), len(forms),
		strings.Join(slices.Sorted(maps.Keys(sub.Fields)), ", "))
}

func encode(values url.Values, header http.Header) (string, *failure) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			if err := w.WriteField(name, value); err != nil {
				return "", inconclusive(check.ReasonForm, "the form cannot be encoded: %v", err)
			}
		}
	}
	if err := w.Close(); err != nil {
		return "", inconclusive(check.ReasonForm, "the form cannot be encoded: %v", err)
	}
	header.Set("Content-Type", w.FormDataContentType())
	return b.String(), nil
}
