package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// whileRunning are the keys that undog takes from its file while it runs, with all
// that is below them; what else there is takes a restart. Each key at the top of
// the file is in one of both lists.
var (
	whileRunning = []string{"mode", "brake", "policies", "checks", "personas", "prometheus"}
	atStart      = []string{"cluster", "kubeconfig", "watch", "nats", "http", "log", "leaderElection", "reach", "kubernetesEvents", "evidence"}
)

// AtStart lists the keys at the top of the file that are read when undog starts,
// and not again.
func AtStart() []string { return slices.Clone(atStart) }

// WhileRunning lists the others.
func WhileRunning() []string { return slices.Clone(whileRunning) }

// Change is a value that differs between two configurations.
type Change struct {
	// Path is its key, such as policies or nats.url; lists are one value.
	Path string
	// Restart says that it counts from the next start on only.
	Restart bool
	// From and To are the values, "" where they are no short texts or may hold a
	// secret.
	From, To string
}

// String is for people.
func (c Change) String() string {
	if c.From == "" && c.To == "" {
		return c.Path
	}
	return fmt.Sprintf("%s: %q → %q", c.Path, c.From, c.To)
}

// Changes lists what differs, in the order of the fields.
func Changes(old, now *Config) []Change {
	return appendChanges(nil, reflect.ValueOf(*old), reflect.ValueOf(*now), "")
}

func appendChanges(list []Change, old, now reflect.Value, at string) []Change {
	if old.Kind() == reflect.Struct {
		for i := range old.NumField() {
			key, _, _ := strings.Cut(old.Type().Field(i).Tag.Get("yaml"), ",")
			if at != "" {
				key = at + "." + key
			}
			list = appendChanges(list, old.Field(i), now.Field(i), key)
		}
		return list
	}
	if reflect.DeepEqual(old.Interface(), now.Interface()) {
		return list
	}
	top, _, _ := strings.Cut(at, ".")
	c := Change{Path: at, Restart: !slices.Contains(whileRunning, top)}
	// A URL may hold a password.
	if k := old.Kind(); k != reflect.Slice && k != reflect.Map && at != "nats.url" && at != "prometheus.url" {
		c.From, c.To = clip(fmt.Sprint(old.Interface())), clip(fmt.Sprint(now.Interface()))
	}
	return append(list, c)
}
