package notify

import (
	"errors"
	"fmt"
	"strings"
)

// SubjectPrefix begins every subject; AllSubjects matches all of them and
// nothing else.
const (
	SubjectPrefix = "undog.v1.event"
	AllSubjects   = SubjectPrefix + ".>"
)

// Address is what a subject is made of.
type Address struct {
	Cluster, Namespace, Kind, Name string
	// Noun and Verb say what happened, as in rollback.done.
	Noun, Verb string
}

// Subject is undog.v1.event.<cluster>.<namespace>.<kind>.<name>.<noun>.<verb>,
// the kind in lower case. Dots in names become underscores: Kubernetes allows
// no underscore in names, so that ParseSubject can turn them back.
func Subject(a Address) (string, error) {
	if err := a.check(); err != nil {
		return "", fmt.Errorf("build subject: %w", err)
	}
	return strings.Join([]string{
		SubjectPrefix, a.Cluster, escape(a.Namespace), strings.ToLower(a.Kind), escape(a.Name), a.Noun, a.Verb,
	}, "."), nil
}

// Filter is a subject to subscribe to: as Subject, but the empty fields of
// the address match everything.
func Filter(a Address) (string, error) {
	full := a
	tokens := []string{a.Cluster, escape(a.Namespace), strings.ToLower(a.Kind), escape(a.Name), a.Noun, a.Verb}
	for i, f := range []*string{&full.Cluster, &full.Namespace, &full.Kind, &full.Name, &full.Noun, &full.Verb} {
		if *f == "" {
			*f, tokens[i] = "any", "*"
		}
	}
	if err := full.check(); err != nil {
		return "", fmt.Errorf("build subject filter: %w", err)
	}
	return SubjectPrefix + "." + strings.Join(tokens, "."), nil
}

// ParseSubject takes a subject apart. The kind stays in lower case.
func ParseSubject(subject string) (Address, error) {
	rest, ok := strings.CutPrefix(subject, SubjectPrefix+".")
	tokens := strings.Split(rest, ".")
	if !ok || len(tokens) != 6 {
		return Address{}, fmt.Errorf("parse subject %q: want %s.<cluster>.<namespace>.<kind>.<name>.<noun>.<verb>", subject, SubjectPrefix)
	}
	a := Address{
		Cluster: tokens[0], Namespace: unescape(tokens[1]), Kind: tokens[2],
		Name: unescape(tokens[3]), Noun: tokens[4], Verb: tokens[5],
	}
	if err := a.check(); err != nil {
		return Address{}, fmt.Errorf("parse subject %q: %w", subject, err)
	}
	if a.Kind != strings.ToLower(a.Kind) {
		return Address{}, fmt.Errorf("parse subject %q: kind %q is not in lower case", subject, a.Kind)
	}
	return a, nil
}

// CheckCluster tells whether a cluster name can be part of a subject.
func CheckCluster(name string) error {
	if name == "" || len(name) > 63 || !all(name, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '_' }) {
		return fmt.Errorf("cluster %q: want 1 to 63 letters, digits, '-' and '_'", name)
	}
	return nil
}

func (a Address) check() error {
	var errs []error
	if err := CheckCluster(a.Cluster); err != nil {
		errs = append(errs, err)
	}
	if len(a.Namespace) > 63 || !validName(a.Namespace) {
		errs = append(errs, fmt.Errorf("namespace %q: not the name of a Kubernetes namespace", a.Namespace))
	}
	if a.Kind == "" || len(a.Kind) > 63 || !all(a.Kind, func(c byte) bool { return isLetter(c) || isDigit(c) }) {
		errs = append(errs, fmt.Errorf("kind %q: want 1 to 63 letters and digits", a.Kind))
	}
	if !validName(a.Name) {
		errs = append(errs, fmt.Errorf("name %q: not the name of a Kubernetes object", a.Name))
	}
	if !validWord(a.Noun) {
		errs = append(errs, fmt.Errorf("noun %q: want 1 to 32 lower-case letters, digits and '-'", a.Noun))
	}
	if !validWord(a.Verb) {
		errs = append(errs, fmt.Errorf("verb %q: want 1 to 32 lower-case letters, digits and '-'", a.Verb))
	}
	return errors.Join(errs...)
}

func escape(name string) string   { return strings.ReplaceAll(name, ".", "_") }
func unescape(name string) string { return strings.ReplaceAll(name, "_", ".") }

// validName tells whether the name is a DNS-1123 subdomain, as Kubernetes
// demands of the names of Deployments.
func validName(name string) bool {
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if !all(label, func(c byte) bool { return isLower(c) || isDigit(c) || c == '-' }) {
			return false
		}
	}
	return true
}

func validWord(s string) bool {
	return s != "" && len(s) <= 32 && all(s, func(c byte) bool { return isLower(c) || isDigit(c) || c == '-' })
}

func all(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isLower(c byte) bool  { return c >= 'a' && c <= 'z' }
func isLetter(c byte) bool { return isLower(c) || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
