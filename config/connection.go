package config

import (
	"net"
	"slices"

	"github.com/spf13/pflag"
)

// connects are the keys of those who only use a NATS server that is there.
var connects = []string{
	"nats.url", "nats.credentials", "nats.nkey", "nats.tokenFile", "nats.user", "nats.passwordFile",
	"nats.tls.ca", "nats.tls.cert", "nats.tls.key", "nats.inboxPrefix", "nats.stream.domain",
}

// AddConnectionFlags defines the flags of undog run that say how to get to a
// NATS server, for the commands that do nothing else. server is the URL that an
// empty one stands for.
func AddConnectionFlags(fs *pflag.FlagSet, server string) {
	AddFileFlag(fs, "that says so where no flag does")
	for _, s := range connection() {
		usage := s.Usage
		if s.Key == "nats.url" {
			usage = "URL of the NATS `server`; empty is the one inside undog, " + server + " unless nats.listen says otherwise"
		}
		fs.String(s.Flag, "", usage+" [$"+s.Env()+"]")
	}
}

// ConnectionKeys are the settings of those who only use a NATS server, and the
// cluster that they talk about.
func ConnectionKeys() []string { return append([]string{"cluster", "nats.listen"}, connects...) }

// Connection is how to get to the NATS server of a configuration that was read for
// ConnectionKeys: at its URL or, where undog has a server of its own, where that
// listens. Without a usable port there it is server.
func Connection(server string, c *Config) NATS {
	n := c.NATS
	if n.URL != "" {
		return n
	}
	n.URL = server
	if host, port, err := net.SplitHostPort(n.Listen); err == nil && port != "0" && n.Listen != Default().NATS.Listen {
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		n.URL = "nats://" + net.JoinHostPort(host, port)
	}
	return n
}

func connection() []Setting {
	return slices.DeleteFunc(Settings(), func(s Setting) bool { return !slices.Contains(connects, s.Key) })
}
