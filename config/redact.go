package config

import (
	"net/url"
	"strings"
)

// Redact returns server URLs without their user names, passwords and tokens,
// fit for a log or a terminal.
func Redact(servers string) string {
	parts := strings.Split(servers, ",")
	for i, part := range parts {
		u, err := url.Parse(strings.TrimSpace(part))
		if err != nil {
			parts[i] = "(not a URL)"
			continue
		}
		if u.User != nil {
			u.User = url.User("redacted")
		}
		u.RawQuery, u.Fragment = "", ""
		parts[i] = u.String()
	}
	return strings.Join(parts, ",")
}
