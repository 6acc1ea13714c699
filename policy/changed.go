package policy

import (
	"strconv"
	"strings"
)

// knowsChanges tells whether it is known what the revision changed.
func (c *Case) knowsChanges() bool { return c.Changes() != nil }

// touched tells whether the revision changed one of the fields, each with
// everything below it. Containers of every kind are called spec.containers,
// without their names; "spec.containers[]" stands for one that was added or
// removed as a whole.
func (c *Case) touched(fields ...string) bool {
	for _, change := range c.Changes() {
		if within(shape(change.Path), fields) {
			return true
		}
	}
	return false
}

// touchedOnly tells whether everything that the revision changed is known and
// among the fields.
func (c *Case) touchedOnly(fields ...string) bool {
	for _, change := range c.Changes() {
		if !within(shape(change.Path), fields) {
			return false
		}
	}
	return c.knowsChanges()
}

func within(path string, fields []string) bool {
	for _, f := range fields {
		if rest, ok := strings.CutPrefix(path, f); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// shape is the path of a change without the names of containers.
func shape(path string) string {
	for _, kind := range [...]string{"spec.containers", "spec.initContainers"} {
		rest, ok := strings.CutPrefix(path, kind+"[")
		if !ok {
			continue
		}
		_, rest, ok = strings.Cut(rest, "]")
		switch {
		case !ok || rest == "":
			return "spec.containers[]"
		default:
			return "spec.containers" + rest
		}
	}
	return path
}

// raised tells whether the revision asks for more of a resource than before. A
// container that was added or removed says nothing of what it asks for.
func (c *Case) raised(resource string) bool {
	for _, change := range c.Changes() {
		switch shape(change.Path) {
		case "spec.containers.resources.requests[" + resource + "]", "spec.resources.requests[" + resource + "]",
			"spec.overhead[" + resource + "]":
			to, ok := quantity(change.To)
			from, known := quantity(change.From)
			if ok && (change.From == "" || known && to > from) {
				return true
			}
		}
	}
	return false
}

// suffixes are the units of a Kubernetes quantity
// (k8s.io/apimachinery/pkg/api/resource).
var suffixes = map[string]float64{
	"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
	"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60,
}

// quantity is what a Kubernetes quantity comes to, near enough to compare two.
func quantity(s string) (float64, bool) {
	n := strings.TrimRight(s, "numkMGTPEi")
	if v, err := strconv.ParseFloat(s, 64); err == nil {
		return v, true
	}
	unit, known := suffixes[s[len(n):]]
	v, err := strconv.ParseFloat(n, 64)
	return v * unit, known && err == nil
}
