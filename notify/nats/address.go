package nats

import (
	"fmt"
	"net/url"
	"strings"
)

// checkURL finds what would otherwise look like a server that is down for
// ever. The error never holds a password.
func checkURL(s string) error {
	const want = "want nats://host:port (or tls://, ws://, wss://)"
	full := s
	if !strings.Contains(s, "://") {
		full = "nats://" + s
	}
	u, err := url.Parse(full)
	if err != nil {
		return fmt.Errorf("nats.url: not a URL: %s", want)
	}
	switch u.Scheme {
	case "nats", "tls", "ws", "wss":
	default:
		return fmt.Errorf("nats.url %q: scheme %q: %s", redact(u), u.Scheme, want)
	}
	if u.Hostname() == "" {
		return fmt.Errorf("nats.url %q: there is no host: %s", redact(u), want)
	}
	return nil
}

// redacted is the URL for logs and errors.
func (o *Options) redacted() string {
	if o.URL == "" {
		return "the embedded server"
	}
	var out []string
	for s := range strings.SplitSeq(o.URL, ",") {
		if s = strings.TrimSpace(s); !strings.Contains(s, "://") {
			s = "nats://" + s
		}
		if u, err := url.Parse(s); err == nil {
			out = append(out, redact(u))
		}
	}
	return strings.Join(out, ",")
}

// redact leaves out the whole user part: a token stands where the name does.
func redact(u *url.URL) string {
	c := *u
	if c.User != nil {
		c.User = url.User("xxxxx")
	}
	return c.String()
}
