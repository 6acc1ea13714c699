package runner

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/undog-dev/undog/watcher"
)

// roster knows which pods are playing, and whose turn it is.
type roster struct {
	mu   sync.Mutex
	busy map[string]bool
	// acting are the personas that are playing: two sessions of one user may get
	// in each other's way.
	acting map[string]bool
	// freed is closed, and made anew, when a pod is free again.
	freed chan struct{}
	turns map[turnKey]*turns
	clock uint64
}

type turnKey struct{ workload, check string }

// turns are when the pods of a workload last played a check, by UID. Only pods
// that exist are kept.
type turns struct {
	last map[string]uint64
	used uint64
}

// maxTurns is for how many workloads and checks turns are kept.
const maxTurns = 4096

func newRoster() *roster {
	return &roster{busy: map[string]bool{}, acting: map[string]bool{}, freed: make(chan struct{}), turns: map[turnKey]*turns{}}
}

// choice is who plays: one new pod, and up to two old ones.
type choice struct {
	now watcher.Pod
	old []watcher.Pod
	// persona is who plays; "" is nobody in particular.
	persona string
}

// take chooses among the ready pods and keeps those chosen, and the persona,
// until release. It waits for those that are playing, until ctx ends.
func (r *roster) take(ctx context.Context, key turnKey, persona string, now, old []watcher.Pod) (choice, error) {
	for {
		r.mu.Lock()
		c, ok := r.choose(key, persona, now, old)
		freed := r.freed
		r.mu.Unlock()
		if ok {
			return c, nil
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return choice{}, ctx.Err()
		}
	}
}

// choose is called under the lock.
func (r *roster) choose(key turnKey, persona string, now, old []watcher.Pod) (choice, bool) {
	if r.acting[persona] {
		return choice{}, false
	}
	t := r.turnsOf(key, now, old)
	first, ok := r.next(t, now, "")
	if !ok {
		return choice{}, false
	}
	c := choice{now: first, persona: persona}
	for i := range min(len(old), 2) {
		besides := ""
		if i > 0 {
			besides = c.old[0].Node
			old = slices.DeleteFunc(slices.Clone(old), func(p watcher.Pod) bool { return p.UID == c.old[0].UID })
		}
		p, ok := r.next(t, old, besides)
		if !ok {
			return choice{}, false
		}
		c.old = append(c.old, p)
	}
	if persona != "" {
		r.acting[persona] = true
	}
	r.clock++
	for _, p := range c.all() {
		t.last[p.UID], r.busy[p.UID] = r.clock, true
	}
	return c, true
}

// next is the free pod whose turn it is; it should not be on that node.
func (r *roster) next(t *turns, pods []watcher.Pod, besides string) (watcher.Pod, bool) {
	nodes := map[string]uint64{}
	for _, p := range pods {
		nodes[p.Node] = max(nodes[p.Node], t.last[p.UID])
	}
	var best *watcher.Pod
	for i := range pods {
		p := &pods[i]
		if r.busy[p.UID] {
			continue
		}
		if best == nil || cmp.Or(
			cmp.Compare(number(p.Node == besides), number(best.Node == besides)),
			cmp.Compare(t.last[p.UID], t.last[best.UID]),
			cmp.Compare(nodes[p.Node], nodes[best.Node]),
			cmp.Compare(p.Name, best.Name)) < 0 {
			best = p
		}
	}
	if best == nil {
		return watcher.Pod{}, false
	}
	return *best, true
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// turnsOf forgets pods that are gone and, when there are too many, the
// workloads that have not played for longest.
func (r *roster) turnsOf(key turnKey, lists ...[]watcher.Pod) *turns {
	t := r.turns[key]
	if t == nil {
		t = &turns{}
		if len(r.turns) >= maxTurns {
			r.forget()
		}
		r.turns[key] = t
	}
	last := map[string]uint64{}
	for _, list := range lists {
		for _, p := range list {
			if at := t.last[p.UID]; at > 0 {
				last[p.UID] = at
			}
		}
	}
	t.last, t.used = last, r.clock
	return t
}

// forget drops the older half.
func (r *roster) forget() {
	used := make([]uint64, 0, len(r.turns))
	for _, t := range r.turns {
		used = append(used, t.used)
	}
	slices.Sort(used)
	middle := used[len(used)/2]
	for key, t := range r.turns {
		if t.used <= middle {
			delete(r.turns, key)
		}
	}
}

// free lets the pods play again.
func (r *roster) free(c choice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range c.all() {
		delete(r.busy, p.UID)
	}
	delete(r.acting, c.persona)
	close(r.freed)
	r.freed = make(chan struct{})
}

// playing is how many pods are.
func (r *roster) playing() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.busy)
}

func (c choice) all() []watcher.Pod { return append([]watcher.Pod{c.now}, c.old...) }
