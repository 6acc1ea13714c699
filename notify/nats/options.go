package nats

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify"
)

// Options is how to connect. URL or InProcess must be set.
type Options struct {
	// URL is one or several server URLs, separated by commas.
	URL string
	// InProcess connects to an embedded server without the network.
	InProcess natsgo.InProcessConnProvider
	// Credentials is a creds file, read again with every connection, so that
	// it can be rotated.
	Credentials string
	// InboxPrefix begins the subjects on which answers arrive, "" means
	// _INBOX. Permissions can be granted to a prefix.
	InboxPrefix string
	// Name is what the server shows of this client.
	Name string
	// Cluster limits what Known reads to the events of one cluster, "" reads all.
	Cluster string
	// Timeout bounds each request, such as one try to publish; default 5 s.
	Timeout time.Duration
	// ReconnectWait is the pause between two rounds of connecting; default 1 s.
	ReconnectWait time.Duration
	// Duplicates is for how long a new stream recognises ids; default 10 m.
	Duplicates time.Duration
	// MaxAge is for how long a new stream keeps events; default 30 days.
	MaxAge time.Duration
	// Replicas is how many servers of a cluster a new stream is kept on; default 1.
	Replicas int
	Log      *slog.Logger
}

// complete checks the options and fills in the defaults.
func (o *Options) complete() error {
	var errs []error
	if o.URL == "" && o.InProcess == nil {
		errs = append(errs, errors.New("nats.url is empty: set it to the URL of a server, as in nats://127.0.0.1:4222"))
	}
	if o.URL != "" {
		for u := range strings.SplitSeq(o.URL, ",") {
			errs = append(errs, checkURL(strings.TrimSpace(u)))
		}
	}
	if o.Credentials != "" {
		errs = append(errs, checkCredentials(o.Credentials))
	}
	if strings.ContainsAny(o.InboxPrefix, "*> \t\r\n") || strings.HasSuffix(o.InboxPrefix, ".") {
		errs = append(errs, fmt.Errorf("inbox prefix %q: want a subject without wildcards, as in _INBOX_undog", o.InboxPrefix))
	}
	if o.Cluster != "" {
		errs = append(errs, notify.CheckCluster(o.Cluster))
	}
	setDefault(&o.Name, "undog")
	setDefault(&o.Timeout, 5*time.Second)
	setDefault(&o.ReconnectWait, time.Second)
	setDefault(&o.MaxAge, 30*24*time.Hour)
	setDefault(&o.Duplicates, min(10*time.Minute, o.MaxAge))
	setDefault(&o.Replicas, 1)
	setDefault(&o.Log, slog.New(slog.DiscardHandler))
	if o.MaxAge < minMaxAge {
		errs = append(errs, fmt.Errorf("max age %v: want at least %v, because events of a week are published again when they are missing", o.MaxAge, minMaxAge))
	}
	return errors.Join(errs...)
}

func setDefault[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}

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

// checkCredentials makes a file that cannot be read an error now: the client
// reads it when it connects, and would try for ever.
func checkCredentials(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("nats.credentials %q: cannot be read: set it to a creds file: %w", path, err)
	}
	return f.Close()
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
