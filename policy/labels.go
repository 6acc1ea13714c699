package policy

import (
	"maps"
	"slices"
	"strings"
)

// Label is one label of a workload.
type Label struct{ Key, Value string }

// Labels are a workload's labels, sorted by key. There are few to a workload and
// many workloads: a map takes five times as much. Its methods are those that a
// selector of Kubernetes asks for.
type Labels []Label

// LabelsOf is the labels of a map.
func LabelsOf(set map[string]string) Labels {
	if len(set) == 0 {
		return nil
	}
	list := make(Labels, 0, len(set))
	for _, key := range slices.Sorted(maps.Keys(set)) {
		list = append(list, Label{Key: key, Value: set[key]})
	}
	return list
}

// Map is a new map of the labels, nil if there are none.
func (l Labels) Map() map[string]string {
	if len(l) == 0 {
		return nil
	}
	set := make(map[string]string, len(l))
	for _, label := range l {
		set[label.Key] = label.Value
	}
	return set
}

// Lookup is the value of a label, and whether it is there.
func (l Labels) Lookup(key string) (value string, exists bool) {
	i, found := slices.BinarySearchFunc(l, key, func(label Label, key string) int { return strings.Compare(label.Key, key) })
	if !found {
		return "", false
	}
	return l[i].Value, true
}

// Get is the value of a label, "" if it is not there.
func (l Labels) Get(key string) string {
	value, _ := l.Lookup(key)
	return value
}

// Has tells whether a label is there.
func (l Labels) Has(key string) bool {
	_, exists := l.Lookup(key)
	return exists
}
