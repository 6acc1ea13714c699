package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Change is a value that differs between two configurations.
type Change struct {
	// Path is its key, such as policies or nats.url; lists are one value.
	Path string
	// Counts is from when on it counts.
	Counts Counts
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

// Diff is what differs between two configurations, in the order of the fields.
type Diff []Change

// String is for people.
func (d Diff) String() string {
	texts := make([]string, len(d))
	for i, c := range d {
		texts[i] = c.String()
	}
	return strings.Join(texts, ", ")
}

// Of are the changes that count from the same time on.
func (d Diff) Of(from Counts) Diff {
	return slices.DeleteFunc(slices.Clone(d), func(c Change) bool { return c.Counts != from })
}

// Changes lists what differs.
func Changes(old, now *Config) Diff {
	return appendChanges(nil, reflect.ValueOf(*old), reflect.ValueOf(*now), "")
}

func appendChanges(list Diff, old, now reflect.Value, at string) Diff {
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
	c := Change{Path: at, Counts: counting(at, now.Interface())}
	// A URL may hold a password.
	if k := old.Kind(); k != reflect.Slice && k != reflect.Map && at != "nats.url" && at != "prometheus.url" {
		c.From, c.To = clip(fmt.Sprint(old.Interface())), clip(fmt.Sprint(now.Interface()))
	}
	return append(list, c)
}
