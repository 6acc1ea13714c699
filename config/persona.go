package config

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
)

var (
	valueName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
	// secretName recognises what must not be read by whoever may read the file.
	secretName = regexp.MustCompile(`(?i)(passw|passphrase|secret|token|credential|api_?key|private_?key|access_?key|session_?id|cookie)|^(pass|pwd|pin|otp|key|.*_key)$|(?-i:[a-z]Key$)`)
)

// personas checks who plays. A name without a persona was not read in full.
func (d *decoder) personas(w wrong) map[string]*Persona {
	list := d.file.Config.Personas
	people := map[string]*Persona{}
	if n := len(list); n > maxPersonas {
		d.at("personas", fmt.Sprintf("are %d; at most %d are kept", n, maxPersonas))
		return people
	}
	first := map[string]int{}
	for i := range list {
		item, p := fmt.Sprintf("personas[%d]", i), &list[i]
		if w.at[item] {
			continue
		}
		if d.file.lines[item+".name"] == 0 {
			d.at(item, "has no name; give every persona one that checks can call it by, such as name: admin")
			continue
		}
		if d.again(first, item, p.Name, i) {
			continue
		}
		people[p.Name] = nil
		d.values(item, p)
		if !w.within[item] && d.brings(item, p) {
			people[p.Name] = p
		}
	}
	return people
}

// values checks the names of a persona's values; the values themselves are
// never repeated, since they may be what they should not.
func (d *decoder) values(item string, p *Persona) {
	for _, name := range slices.Sorted(maps.Keys(p.Values)) {
		path := item + ".values." + clip(name)
		switch {
		case !valueName.MatchString(name):
			d.at(path, fmt.Sprintf("%s cannot be the name of a value; write a letter and up to 62 letters, digits or '_'", quote(name)))
		case secretName.MatchString(name):
			d.at(path, "looks like a secret, which must not stand in this file; keep it in a Secret and write secret: {namespace: …, name: …}, or in a file of its own and write file: …")
		}
	}
}

// brings tells whether a persona has where its values come from.
func (d *decoder) brings(item string, p *Persona) bool {
	switch s := p.Secret; {
	case (s.Namespace == "") != (s.Name == ""):
		d.near(item+".secret", "needs both a namespace and a name; write secret: {namespace: …, name: …}")
		return false
	case s.Name == "" && p.File == "" && len(p.Values) == 0:
		d.at(item, "brings nothing; give it values, a secret or a file")
		return false
	}
	return true
}

func checkSecret(value string) string {
	if value == "" || len(validation.IsDNS1123Subdomain(value)) == 0 {
		return ""
	}
	return fmt.Sprintf("%s is not the name of a Secret; write lower-case letters, digits, '-' or '.', beginning and ending with a letter or digit", quote(value))
}

// checkPrometheus never repeats the value: it may hold a password.
func checkPrometheus(value string) string {
	const wayOut = "write http://HOST:9090 or https://…"
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Hostname() == "":
		return "is not a URL; " + wayOut
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Sprintf("has the scheme %s; %s", quote(u.Scheme), wayOut)
	case u.User != nil:
		return "has credentials in it; keep a bearer token in a file and write tokenFile: …"
	case u.RawQuery != "" || u.Fragment != "":
		return "has a query or a fragment, where credentials often are; write the address alone, and keep a bearer token in a file: tokenFile: …"
	}
	return ""
}
