package template

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// The bounds of what Diff returns.
const (
	// MaxChanges is the largest number of changes.
	MaxChanges = 64
	// MaxValue is the longest value, in bytes.
	MaxValue = 256
	// MaxPath is the longest path, in bytes.
	MaxPath = 512
)

// Diff lists what changed from one template to the other, sorted by path. It
// is never nil, and empty when the two have the same Hash. Items of
// lists are named, as in spec.containers[app].env[NAME], and so are the keys
// of maps, as in spec.containers[app].resources.limits[memory]. Values are
// shown only where they cannot be secret. A nil template counts as empty.
func Diff(from, to *corev1.PodTemplateSpec) []policy.Change {
	d := differ{changes: []policy.Change{}}
	d.walk(path{}, tree(from), tree(to))
	slices.SortFunc(d.changes, func(a, b policy.Change) int { return cmp.Compare(a.Path, b.Path) })
	if len(d.changes) > MaxChanges {
		d.changes = slices.Clip(d.changes[:MaxChanges])
	}
	return d.changes
}

// tree is the template as plain JSON values; numbers keep their digits.
func tree(t *corev1.PodTemplateSpec) any {
	if t == nil {
		t = &corev1.PodTemplateSpec{}
	}
	raw, err := json.Marshal(&corev1.PodTemplateSpec{ObjectMeta: unlabelled(t.ObjectMeta), Spec: t.Spec})
	if err != nil {
		// The type has no field that JSON cannot hold.
		panic(fmt.Sprintf("encode pod template: %v", err))
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out any
	if err := dec.Decode(&out); err != nil {
		// The bytes were encoded a line ago.
		panic(fmt.Sprintf("decode pod template: %v", err))
	}
	return out
}

// differ collects changes while it walks two trees in step. A nil node is one
// that is absent.
type differ struct {
	changes []policy.Change
}

func (d *differ) walk(p path, from, to any) {
	if reflect.DeepEqual(from, to) {
		return
	}
	if p.whole() && (from == nil || to == nil) {
		d.add(p, summary(p, from), summary(p, to))
		return
	}
	fromMap, fromOK := asMap(from)
	toMap, toOK := asMap(to)
	if fromOK && toOK {
		d.walkMap(p, fromMap, toMap, from == nil || to == nil)
		return
	}
	fromList, fromOK := asList(from)
	toList, toOK := asList(to)
	if fromOK && toOK && p.key() != nil {
		d.walkList(p, fromList, toList)
		return
	}
	d.add(p, show(p, from), show(p, to))
}

func (d *differ) walkMap(p path, from, to map[string]any, appeared bool) {
	if appeared && len(from) == 0 && len(to) == 0 {
		// An empty object says something by being there, like emptyDir: {}.
		d.add(p, "", "")
		return
	}
	for _, k := range keys(from, to) {
		if !p.ignores(k) {
			d.walk(p.child(k), from[k], to[k])
		}
	}
}

func (d *differ) walkList(p path, from, to []any) {
	fromItems, fromOrder, fromOK := index(p, from)
	toItems, toOrder, toOK := index(p, to)
	if !fromOK || !toOK {
		d.add(p, "", "")
		return
	}
	for _, k := range keys(fromItems, toItems) {
		d.walk(p.item(k), fromItems[k], toItems[k])
	}
	common := func(order []string, other map[string]any) []string {
		return slices.DeleteFunc(slices.Clone(order), func(k string) bool { return other[k] == nil })
	}
	if !slices.Equal(common(fromOrder, toItems), common(toOrder, fromItems)) {
		// Only the order changed, and it matters: to environment variables
		// that refer to each other and to init containers, for example.
		d.add(p, "", "")
	}
}

func (d *differ) add(p path, from, to string) {
	d.changes = append(d.changes, policy.Change{
		Path: clean(p.text, MaxPath),
		From: clean(from, MaxValue),
		To:   clean(to, MaxValue),
	})
}

// index names the items of a list. It fails when an item has no name, or two
// have the same.
func index(p path, list []any) (items map[string]any, order []string, ok bool) {
	items = make(map[string]any, len(list))
	for _, item := range list {
		m, isMap := item.(map[string]any)
		if !isMap {
			return nil, nil, false
		}
		k := p.key()(m)
		if _, taken := items[k]; taken || k == "" {
			return nil, nil, false
		}
		items[k] = item
		order = append(order, k)
	}
	return items, order, true
}

func keys(from, to map[string]any) []string {
	out := make([]string, 0, len(from)+len(to))
	for k := range from {
		out = append(out, k)
	}
	for k := range to {
		if _, both := from[k]; !both {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// asMap treats an absent node as an empty map, so that what was added or
// removed whole is told field by field.
func asMap(v any) (map[string]any, bool) {
	m, ok := v.(map[string]any)
	return m, ok || v == nil
}

func asList(v any) ([]any, bool) {
	l, ok := v.([]any)
	return l, ok || v == nil
}

// unlabelled is the metadata without the label that the Deployment controller
// adds. The result shares everything else with m.
func unlabelled(m metav1.ObjectMeta) metav1.ObjectMeta {
	if _, ok := m.Labels[appsv1.DefaultDeploymentUniqueLabelKey]; ok {
		m.Labels = maps.Clone(m.Labels)
		delete(m.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	}
	return m
}
