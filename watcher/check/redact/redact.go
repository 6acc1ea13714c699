package redact

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Mask stands where a secret stood.
const Mask = "[redacted]"

// Redactor cuts out the values that it was given. The zero Redactor knows none.
// It is not safe for concurrent use while values are added.
type Redactor struct {
	forms    map[string]bool
	replacer *strings.Replacer
	// values are those added, in small letters.
	values []string
	all    bool
}

// All makes every text secret from now on. It is for those who know of more
// secrets than can be looked for.
func (r *Redactor) All() { r.all = true }

// Add makes values secret from now on. Empty ones are left out.
func (r *Redactor) Add(values ...string) {
	if r.forms == nil {
		r.forms = map[string]bool{}
	}
	for _, v := range values {
		if strings.TrimSpace(v) == "" {
			continue
		}
		if small, _ := decode(v); len(v) >= shortest && !slices.Contains(r.values, small) {
			r.values = append(r.values, small)
		}
		for _, form := range forms(v) {
			if !r.forms[form] {
				r.forms[form], r.replacer = true, nil
			}
		}
	}
}

// forms are the ways in which a value is commonly written.
func forms(v string) []string {
	out := []string{v, url.QueryEscape(v), url.PathEscape(v)}
	out = append(out, asHTML(v)...)
	out = append(out, asString(v)...)
	if len(v) >= 4 { // Shorter ones would hit by chance.
		out = append(out, base64.StdEncoding.EncodeToString([]byte(v)), base64.RawURLEncoding.EncodeToString([]byte(v)))
	}
	return out
}

// asHTML are the ways in which languages escape HTML: they differ in quotes.
func asHTML(v string) []string {
	if !strings.ContainsAny(v, "&<>\"'") {
		return nil
	}
	var out []string
	v = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(v)
	if !strings.ContainsAny(v, "\"'") {
		return []string{v}
	}
	for _, double := range []string{`"`, "&#34;", "&quot;"} {
		for _, single := range []string{"'", "&#39;", "&#x27;", "&#039;"} {
			out = append(out, strings.NewReplacer(`"`, double, "'", single).Replace(v))
		}
	}
	return out
}

// asString are the ways in which JSON and programs write a string. They differ
// in what besides quotes they escape: markup, letters beyond ASCII, slashes.
func asString(v string) []string {
	marked, _ := json.Marshal(v) // A string can always be encoded.
	var out []string
	for _, quoted := range []string{string(marked), strconv.Quote(v), strconv.QuoteToASCII(v)} {
		inner := quoted[1 : len(quoted)-1]
		out = append(out, inner, strings.ReplaceAll(inner, "/", `\/`))
	}
	return out
}

// Text returns s without the secrets.
func (r *Redactor) Text(s string) string {
	if r.all && s != "" {
		return Mask
	}
	if len(r.forms) == 0 {
		return s
	}
	if r.replacer == nil {
		// The longest go first: a secret may begin like another one.
		var pairs []string
		all := make([]string, 0, len(r.forms))
		for form := range r.forms {
			all = append(all, form)
		}
		slices.SortFunc(all, func(a, b string) int {
			if len(a) != len(b) {
				return len(b) - len(a)
			}
			return strings.Compare(a, b)
		})
		for _, form := range all {
			pairs = append(pairs, form, Mask)
		}
		r.replacer = strings.NewReplacer(pairs...)
	}
	return r.decoded(r.replacer.Replace(s))
}
