package config

import (
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/undog-dev/undog/config/spell"
)

// Warnings lists what a configuration allows and its author likely did not mean.
func Warnings(c *Config) []string {
	var warnings []string
	warn := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	for _, key := range c.NATS.unused() {
		warn("%s is not used: without nats.url the server inside undog is taken, which asks for none", key)
	}
	if c.NATS.URL == "" && !local(c.NATS.Listen) {
		warn("nats.listen %s lets other machines in: the server inside undog neither encrypts nor asks who is there, so whoever "+
			"reaches it reads every event and can publish false ones; listen on 127.0.0.1, or run a NATS server of your own and set nats.url", c.NATS.Listen)
	}
	if why := c.lonely(); why != "" {
		warn("%s", why)
	}
	for _, f := range c.NATS.lacks() {
		warn("%s %s", f.key, f.text)
	}
	all := -1
	for i, p := range c.Policies {
		if all >= 0 {
			warn("policies[%d] (%s) never applies: policies[%d] (%s) before it matches everything", i, p.Name, all, c.Policies[all].Name)
			continue
		}
		if p.Match.all() {
			all = i
		}
		for _, namespace := range unwatched(c, p.Match) {
			warn("policies[%d] (%s) names the namespace %s, which watch.namespaces leaves out", i, p.Name, namespace)
		}
		if len(p.Without) > 0 {
			warn("policies[%d] (%s) does not ask %s: a revision may be undone for what is not its fault; this is for experts",
				i, p.Name, strings.Join(p.Without, ", "))
		}
	}
	warnings = append(warnings, played(c)...)
	return append(warnings, questions(c.Prometheus)...)
}

// played warns of checks and of who plays them.
func played(c *Config) []string {
	var warnings []string
	warn := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	for i, p := range c.Checks {
		for _, namespace := range unwatched(c, p.Match) {
			warn("checks[%d] (%s) names the namespace %s, which watch.namespaces leaves out", i, p.Name, namespace)
		}
	}
	for i, p := range c.Personas {
		if err := readable(p.File); p.File != "" && err != nil {
			warn("personas[%d] (%s) cannot read %s from here: %v; wherever undog cannot either, the persona's checks show nothing", i, p.Name, quote(p.File), err)
		}
		if !slices.ContainsFunc(c.Checks, func(k Check) bool { return k.Persona == p.Name }) {
			warn("personas[%d] (%s) plays no check", i, p.Name)
		}
	}
	return warnings
}

// questions warns of how metrics are asked for.
func questions(p Prometheus) []string {
	var warnings []string
	for _, file := range []struct{ key, name, without string }{
		{"tokenFile", p.TokenFile, "is sent unencrypted, for everybody on the way to read; better write an https:// URL"},
		{"caFile", p.CAFile, "verifies nothing, since the URL begins with http://"},
	} {
		switch {
		case file.name == "":
		case p.URL == "":
			warnings = append(warnings, "prometheus."+file.key+" is not used without prometheus.url")
		case strings.HasPrefix(p.URL, "http://"):
			warnings = append(warnings, "prometheus."+file.key+" "+file.without)
		}
	}
	return warnings
}

// unwatched are the namespaces of a match that undog does not look at.
func unwatched(c *Config, m Match) []string {
	if len(c.Watch.Namespaces) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(m.Namespaces), func(namespace string) bool { return slices.Contains(c.Watch.Namespaces, namespace) })
}

// readable says why a file or a folder cannot be read.
func readable(name string) error {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return errors.Unwrap(err) // The name is told already.
	}
	return f.Close()
}

// local tells whether only this machine can reach an address.
func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "localhost" {
		return true // What is no address is reported elsewhere.
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// linked recognises what Kubernetes sets for Services called undog or
// undog-something, as in UNDOG_SERVICE_HOST and UNDOG_PORT_80_TCP_ADDR.
var linked = regexp.MustCompile(`^UNDOG(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// Unread reports the variables, as NAME=value, that look like settings and are none.
func Unread(env []string) []string {
	o := Options{Env: env}
	known, byFlag := []string{FileEnv}, map[string]string{}
	for _, s := range settings {
		known = append(known, s.Env())
		byFlag["UNDOG_"+strings.ToUpper(strings.ReplaceAll(s.Flag, "-", "_"))] = s.Env()
	}
	var warnings []string
	for _, name := range names(env) {
		if !strings.HasPrefix(name, "UNDOG_") || slices.Contains(known, name) || lookup(o, name) == "" || linked.MatchString(name) {
			continue
		}
		text := fmt.Sprintf("environment variable %s is not read", name)
		switch near := spell.Closest(name, known); {
		case byFlag[name] != "":
			text += "; the name is " + byFlag[name]
		case near != "":
			text += "; did you mean " + near + "?"
		default:
			text += "; undog run --help lists those that are"
		}
		warnings = append(warnings, text)
	}
	return warnings
}

// names are the names of variables, sorted, each once.
func names(env []string) []string {
	list := make([]string, 0, len(env))
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		list = append(list, name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
