package config

import (
	"os"
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
	for _, s := range connection() {
		usage := s.Usage
		if s.Key == "nats.url" {
			usage = "URL of the NATS `server`; empty is " + server
		}
		fs.String(s.Flag, "", usage+" [$"+s.Env()+"]")
	}
}

// Connection reads these flags, and the variables that undog run reads, too.
// The error is a Problems with everything that is wrong.
func Connection(server string, o Options) (NATS, error) {
	if o.Env == nil {
		o.Env = os.Environ()
	}
	cfg := Default()
	var problems Problems
	for _, s := range connection() {
		value := lookup(o, s.Env())
		if f := flagOf(o, s.Flag); f != nil && f.Changed {
			value = f.Value.String()
		}
		s.of(&cfg).SetString(value)
		if text := s.check([]string{value}); text != "" {
			problems = append(problems, Problem{Path: s.Key, Source: s.source(o), Text: text})
		}
	}
	if cfg.NATS.URL == "" {
		cfg.NATS.URL = server
	}
	file := File{}
	problems = file.faults(append(cfg.NATS.rivals(), cfg.NATS.lacks()...), problems)
	return cfg.NATS, problems.err()
}

func connection() []Setting {
	return slices.DeleteFunc(Settings(), func(s Setting) bool { return !slices.Contains(connects, s.Key) })
}
