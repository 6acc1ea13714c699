package config

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// checkServers never repeats the value: it may hold a password.
func checkServers(value string) string {
	if value == "" {
		return ""
	}
	for i, server := range strings.Split(value, ",") {
		where := ""
		if i > 0 {
			where = fmt.Sprintf(" (server %d)", i+1)
		}
		u, err := url.Parse(strings.TrimSpace(server))
		switch {
		case err != nil || u.Host == "" || u.Hostname() == "":
			return fmt.Sprintf("is not a NATS URL%s; write nats://host:4222, several separated by commas, or nothing for the embedded server", where)
		case u.Scheme != "nats" && u.Scheme != "tls" && u.Scheme != "ws" && u.Scheme != "wss":
			return fmt.Sprintf("has the scheme %s%s; write nats://, tls://, ws:// or wss://", quote(u.Scheme), where)
		}
	}
	return ""
}

var (
	natsUser   = regexp.MustCompile(`^[^\s\pC]*$`)
	natsDomain = regexp.MustCompile(`^[A-Za-z0-9_-]{0,63}$`)
	natsInbox  = regexp.MustCompile(`^([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)?$`)
)

// maxUser is in characters; see maxWindowName.
const maxUser = 128

func checkUser(value string) string {
	if natsUser.MatchString(value) && utf8.RuneCountInString(value) <= maxUser {
		return ""
	}
	return fmt.Sprintf("%s is not a user name; write one of at most 128 characters without spaces", quote(value))
}

func checkDomain(value string) string {
	if natsDomain.MatchString(value) {
		return ""
	}
	return fmt.Sprintf("%s is not a JetStream domain; write 1 to 63 letters, digits, '_' or '-', such as hub", quote(value))
}

func checkInbox(value string) string {
	if natsInbox.MatchString(value) && len(value) <= 128 {
		return ""
	}
	return fmt.Sprintf("%s is not a prefix of subjects; write letters, digits, '_' and '-' with dots between them, such as _INBOX_undog", quote(value))
}

// fault is what is wrong with a key beside others.
type fault struct{ key, text string }

// faults reports what does not go together, on the lines of the file that set it.
func (f *File) faults(faults []fault, problems Problems) Problems {
	d := decoder{file: f, problems: problems}
	wrong := d.wrong()
	for _, found := range faults {
		if !wrong.at[found.key] {
			d.near(found.key, found.text)
		}
	}
	return d.problems
}

// rivals are the ways to say who is there, where there is more than one.
func (n NATS) rivals() []fault {
	var faults []fault
	first := ""
	for _, way := range []struct {
		key, name string
		set       bool
	}{
		{"nats.url", "the user in nats.url", n.namesUser()},
		{"nats.credentials", "nats.credentials", n.Credentials != ""},
		{"nats.nkey", "nats.nkey", n.NKey != ""},
		{"nats.tokenFile", "nats.tokenFile", n.TokenFile != ""},
		{"nats.user", "nats.user", n.User != "" || n.PasswordFile != ""},
	} {
		switch {
		case !way.set:
		case first == "":
			first = way.name
		default:
			faults = append(faults, fault{way.key, fmt.Sprintf("says who is there, as %s does; keep one of them", first)})
		}
	}
	if n.Stream.Replicas < 1 || n.Stream.Replicas > maxServers {
		faults = append(faults, fault{"nats.stream.replicas", fmt.Sprintf("%d is not a number of servers; write 1 to %d", n.Stream.Replicas, maxServers)})
	}
	return faults
}

// lacks is what misses its other half, which may be set elsewhere: by a flag
// or a variable.
func (n NATS) lacks() []fault {
	var faults []fault
	add := func(bad bool, key, format string, args ...any) {
		if bad {
			faults = append(faults, fault{key, fmt.Sprintf(format, args...)})
		}
	}
	add(n.User != "" && n.PasswordFile == "", "nats.user", "has no password; set nats.passwordFile to a file that holds it")
	add(n.User == "" && n.PasswordFile != "", "nats.passwordFile", "has no user; set nats.user to the name that the password is for")
	add(n.TLS.Cert != "" && n.TLS.Key == "", "nats.tls.cert", "has no key; set nats.tls.key to the file with the certificate's key")
	add(n.TLS.Cert == "" && n.TLS.Key != "", "nats.tls.key", "has no certificate; set nats.tls.cert to the file with the key's certificate")
	if n.URL == "" {
		add(n.Stream.Manage != ManageEnsure, "nats.stream.manage", "%s leaves the server inside undog without a stream; write ensure, or set nats.url", n.Stream.Manage)
		add(n.Stream.Replicas > 1, "nats.stream.replicas", "%d are more servers than the one inside undog; write 1, or set nats.url", n.Stream.Replicas)
		add(n.Stream.Domain != "", "nats.stream.domain", "%s cannot be reached from the server inside undog; leave it out, or set nats.url", quote(n.Stream.Domain))
	}
	return faults
}

// namesUser tells whether a URL holds a user or a token.
func (n NATS) namesUser() bool {
	for server := range strings.SplitSeq(n.URL, ",") {
		if u, err := url.Parse(strings.TrimSpace(server)); err == nil && u.User != nil {
			return true
		}
	}
	return false
}

// unused are the keys that the server inside undog asks for none of.
func (n NATS) unused() []string {
	var keys []string
	for _, k := range []struct{ key, value string }{
		{"nats.credentials", n.Credentials},
		{"nats.nkey", n.NKey},
		{"nats.tokenFile", n.TokenFile},
		{"nats.user", n.User},
		{"nats.passwordFile", n.PasswordFile},
		{"nats.inboxPrefix", n.InboxPrefix},
		{"nats.tls.ca", n.TLS.CA},
		{"nats.tls.cert", n.TLS.Cert},
		{"nats.tls.key", n.TLS.Key},
	} {
		if k.value != "" && n.URL == "" {
			keys = append(keys, k.key)
		}
	}
	return keys
}
