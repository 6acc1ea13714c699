package config

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/undog-dev/undog/config/spell"
)

// Warnings lists what a configuration allows and its author likely did not mean.
func Warnings(c *Config) []string {
	var warnings []string
	warn := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	if c.NATS.Credentials != "" && c.NATS.URL == "" {
		warn("nats.credentials is not used: without nats.url the server inside undog is taken, which asks for none")
	}
	if c.NATS.URL == "" && !local(c.NATS.Listen) {
		warn("nats.listen %s lets other machines in: the server inside undog neither encrypts nor asks who is there, so whoever "+
			"reaches it reads every event and can publish false ones; listen on 127.0.0.1, or run a NATS server of your own and set nats.url", c.NATS.Listen)
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
		for _, namespace := range p.Match.Namespaces {
			if len(c.Watch.Namespaces) > 0 && !slices.Contains(c.Watch.Namespaces, namespace) {
				warn("policies[%d] (%s) names the namespace %s, which watch.namespaces leaves out", i, p.Name, namespace)
			}
		}
		if len(p.Without) > 0 {
			warn("policies[%d] (%s) does not ask %s: a revision may be undone for what is not its fault; this is for experts",
				i, p.Name, strings.Join(p.Without, ", "))
		}
	}
	return warnings
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
