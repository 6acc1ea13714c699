package check

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

func (v *validator) headers(path string, headers map[string]string) {
	v.number(path, len(headers), MaxFields)
	first := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		canonical := http.CanonicalHeaderKey(name)
		if earlier, ok := first[canonical]; ok {
			v.add(path+"."+name, "is the same header as %s; case does not matter: remove one", earlier)
		}
		first[canonical] = name
		v.header(path, name, headers[name])
	}
}

// header checks the name and the value of a header to be sent.
func (v *validator) header(path, name, value string) {
	if !httpguts.ValidHeaderFieldName(name) {
		v.add(path, "%s is not the name of a header", quote(name))
		return
	}
	switch lower := strings.ToLower(name); lower {
	case "accept-encoding", "connection", "content-length", "keep-alive", "proxy-authorization", "proxy-connection",
		"te", "trailer", "transfer-encoding", "upgrade":
		v.add(path+"."+name, "%s is set by undog; remove it", name)
		return
	case "authorization", "cookie", "x-api-key", "x-auth-token":
		if !strings.Contains(value, "{{") {
			v.add(path+"."+name, "is a credential in the text of the check; keep it with the persona and write {{ .persona.NAME }}")
			return
		}
	case "host":
		if !strings.Contains(value, "{{") && !hostName.MatchString(value) {
			v.add(path+"."+name, "%s is not a host; write a name such as web.example", quote(value))
			return
		}
	}
	if !httpguts.ValidHeaderFieldValue(value) {
		v.add(path+"."+name, "%s has characters that no header may have, such as a line break", quote(value))
		return
	}
	v.text(path+"."+name, value)
}
