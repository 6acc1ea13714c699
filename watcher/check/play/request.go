package play

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/placeholder"
)

// outgoing is a request with everything filled in.
type outgoing struct {
	method    string
	url       *url.URL
	header    http.Header
	host      string
	body      string
	redirects int
}

// request makes what a Request says.
func (s *session) request(r *check.Request) (*outgoing, *failure) {
	target, wrong := s.path(r.Path)
	if wrong != nil {
		return nil, wrong
	}
	out := &outgoing{method: r.Method, url: target, header: http.Header{}, redirects: limit(r.Redirects)}
	kind := ""
	switch {
	case r.Form != nil:
		values := url.Values{}
		for _, name := range slices.Sorted(maps.Keys(r.Form)) {
			value, wrong := s.fill(r.Form[name])
			if wrong != nil {
				return nil, wrong
			}
			values.Set(name, value)
		}
		out.body, kind = values.Encode(), "application/x-www-form-urlencoded"
	case r.JSON != "":
		if out.body, wrong = s.json(r.JSON); wrong != nil {
			return nil, wrong
		}
		kind = "application/json"
	case r.Text != "":
		if out.body, wrong = s.fill(r.Text); wrong != nil {
			return nil, wrong
		}
		kind = "text/plain; charset=utf-8"
	}
	if out.method == "" {
		out.method = http.MethodGet
		if kind != "" {
			out.method = http.MethodPost
		}
	}
	if kind != "" {
		out.header.Set("Content-Type", kind)
	}
	return out, s.headers(out, r.Headers)
}

// limit is how many redirects are followed.
func limit(n int) int {
	switch n {
	case 0:
		return check.DefaultRedirects
	case -1:
		return 0
	}
	return n
}

// headers adds the check's headers and the step's own, and settles the Host.
func (s *session) headers(out *outgoing, own map[string]string) *failure {
	out.header.Set("User-Agent", "undog-check")
	if out.header.Get("Accept") == "" {
		out.header.Set("Accept", "text/html,application/json;q=0.9,*/*;q=0.8")
	}
	for _, headers := range []map[string]string{s.player.check.Headers, own} {
		for _, name := range slices.Sorted(maps.Keys(headers)) {
			value, wrong := s.fill(headers[name])
			if wrong != nil {
				return wrong
			}
			if strings.ContainsAny(value, "\r\n\x00") {
				return inconclusive(check.ReasonPersona, "the value of header %s has a line break", name)
			}
			if strings.EqualFold(name, "Host") {
				out.host = value
				continue
			}
			out.header.Set(name, value)
		}
	}
	for _, host := range []string{s.player.check.Host, s.target.Host, "localhost"} {
		if out.host == "" {
			out.host = host
		}
	}
	out.url.Scheme, out.url.Host = s.scheme(), out.host
	return nil
}

func (s *session) scheme() string {
	if s.player.check.Scheme == "" {
		return "http"
	}
	return s.player.check.Scheme
}

// path fills a path in, so that no value can end it, add to its query or
// become a host. A slash in a value stays one: links are captured whole.
func (s *session) path(path string) (*url.URL, *failure) {
	t, err := placeholder.Parse(path)
	if err != nil {
		return nil, inconclusive(check.ReasonPersona, "%v", err)
	}
	filled, err := t.Fill(func(ref placeholder.Ref) (string, error) {
		v, err := s.value(ref)
		v = strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
		return strings.ReplaceAll(v, "%2F", "/"), err
	})
	if err != nil {
		return nil, inconclusive(check.ReasonPersona, "%v", err)
	}
	made, err := url.ParseRequestURI("/" + strings.TrimLeft(filled, "/"))
	if err != nil {
		return nil, inconclusive(check.ReasonPersona, "the path cannot be read once it is filled in")
	}
	return made, nil
}

// json fills the strings of a document in and writes it again, so that what is
// filled in is escaped by construction.
func (s *session) json(text string) (string, *failure) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var document any
	if err := d.Decode(&document); err != nil {
		return "", inconclusive(check.ReasonPersona, "the body is not JSON: %v", err)
	}
	document, wrong := s.fillJSON(document)
	if wrong != nil {
		return "", wrong
	}
	out, err := json.Marshal(document)
	if err != nil {
		return "", inconclusive(check.ReasonPersona, "the body cannot be written: %v", err)
	}
	return string(out), nil
}

func (s *session) fillJSON(v any) (any, *failure) {
	var wrong *failure
	switch value := v.(type) {
	case string:
		return s.fill(value)
	case []any:
		for i := range value {
			if value[i], wrong = s.fillJSON(value[i]); wrong != nil {
				return nil, wrong
			}
		}
	case map[string]any:
		for key := range value {
			if value[key], wrong = s.fillJSON(value[key]); wrong != nil {
				return nil, wrong
			}
		}
	}
	return v, nil
}
