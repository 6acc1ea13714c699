package stress

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// change is one event with where it stands among all.
type change struct {
	event
	version int64
	object  string
}

// history is everything that has been seen of a resource, in order.
type history struct {
	mu      sync.Mutex
	changes []change
	// base is the version of the first list, kind what a list is called.
	base       int64
	kind       string
	apiVersion string
	// grown is closed and replaced with every change.
	grown chan struct{}
}

// add appends an event and returns its version. Bookmarks are not kept.
func (h *history) add(e event) (int64, error) {
	m, err := e.meta()
	if err != nil {
		return 0, err
	}
	version, err := strconv.ParseInt(m.Metadata.ResourceVersion, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read version of %s: %w", m.Metadata.Name, err)
	}
	if e.Type == "BOOKMARK" {
		return version, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes = append(h.changes, change{event: e, version: version, object: m.Metadata.Namespace + "/" + m.Metadata.Name})
	close(h.grown)
	h.grown = make(chan struct{})
	return version, nil
}

// length is how much there is.
func (h *history) length() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.changes)
}

// since returns the changes from one place up to another, and what is closed
// when there is more; end < 0 means all.
func (h *history) since(from, end int) ([]change, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if end < 0 {
		end = len(h.changes)
	}
	return slices.Clone(h.changes[min(from, end):end]), h.grown
}

// at is what there was, sorted by name, and the version of it.
func (h *history) at(end int) ([]change, int64) {
	changes, _ := h.since(0, end)
	h.mu.Lock()
	version := h.base
	h.mu.Unlock()
	there := map[string]change{}
	for _, c := range changes {
		version = max(version, c.version)
		if c.Type == "DELETED" {
			delete(there, c.object)
			continue
		}
		there[c.object] = c
	}
	out := make([]change, 0, len(there))
	for _, c := range there {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b change) int { return cmp.Compare(a.object, b.object) })
	return out, version
}

// list is the answer to a list.
func (h *history) list(end int) ([]byte, error) {
	there, version := h.at(end)
	items := make([]json.RawMessage, 0, len(there))
	for _, c := range there {
		items = append(items, c.Object)
	}
	raw, err := json.Marshal(map[string]any{
		"kind": h.kind, "apiVersion": h.apiVersion, "items": items,
		"metadata": map[string]string{"resourceVersion": strconv.FormatInt(version, 10)},
	})
	if err != nil {
		return nil, fmt.Errorf("encode list: %w", err)
	}
	return raw, nil
}
