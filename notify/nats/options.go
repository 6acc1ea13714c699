package nats

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify"
)

// Manage says what undog does about the stream itself.
type Manage string

// With ManageEnsure the stream is created where it is missing; with
// ManageVerify it is looked at and never written; with ManageNone it is taken
// to be right. None of them changes a stream that is there.
const (
	ManageEnsure Manage = "ensure"
	ManageVerify Manage = "verify"
	ManageNone   Manage = "none"
)

// Options is how to connect. URL or InProcess must be set. At most one way to
// say who is there may be: in URL, Credentials, NKey, TokenFile, or User with
// PasswordFile. A certificate of TLS may come with any of them.
type Options struct {
	// URL is one or several server URLs, separated by commas.
	URL string
	// InProcess connects to an embedded server without the network.
	InProcess natsgo.InProcessConnProvider
	// Credentials is a creds file. It, and every other file here, is read again
	// with each connection, so that it can be rotated.
	Credentials string
	// NKey is a file with the seed of a user's nkey.
	NKey string
	// TokenFile holds a token.
	TokenFile string
	// User is a name, PasswordFile holds the password for it.
	User, PasswordFile string
	// TLS is how the server is verified, and the client's certificate.
	TLS TLS
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
	// Replicas is how many servers of a cluster the stream is kept on, at
	// least; default 1.
	Replicas int
	// Manage is what is done about the stream; default ManageEnsure.
	Manage Manage
	// Domain is the JetStream domain that has the stream; "" is the server's own.
	Domain string
	// SyncAlways tells that the server is known to write to disk before it
	// acknowledges: a client cannot ask for that.
	SyncAlways bool
	Log        *slog.Logger
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
	errs = append(errs, o.checkLogin(), o.TLS.check())
	if strings.ContainsAny(o.InboxPrefix, "*> \t\r\n") || strings.HasSuffix(o.InboxPrefix, ".") {
		errs = append(errs, fmt.Errorf("nats.inboxPrefix %q: want a subject without wildcards, as in _INBOX_undog", o.InboxPrefix))
	}
	if o.Cluster != "" {
		errs = append(errs, notify.CheckCluster(o.Cluster))
	}
	if strings.ContainsAny(o.Domain, ".*> \t\r\n") {
		errs = append(errs, fmt.Errorf("nats.stream.domain %q: want the name of a JetStream domain, as in hub", o.Domain))
	}
	setDefault(&o.Manage, ManageEnsure)
	if !slices.Contains([]Manage{ManageEnsure, ManageVerify, ManageNone}, o.Manage) {
		errs = append(errs, fmt.Errorf("nats.stream.manage %q: want %s, %s or %s", o.Manage, ManageEnsure, ManageVerify, ManageNone))
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
