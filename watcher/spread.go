package watcher

import (
	"cmp"
	"slices"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/template"
)

// spread is how a workload's pods that could still fail for the first time lie
// on the nodes, new ones against old ones. It is only kept up while somebody
// wants to know: while the new revision has incidents.
type spread struct {
	// template is that of the new pods.
	template template.Sum
	nodes    map[word]mix
	// alike counts the nodes that have the same mix.
	alike map[mix]int32
}

// mix is how many pods of each kind a node has.
type mix struct{ fresh, old int32 }

// hosts says the spread, as an Observation does.
func (w *workload) hosts() []policy.Host {
	current := w.rec.template
	wanted := slices.ContainsFunc(w.revisions, func(r *revision) bool {
		return r.rec.template == current && r.crew != nil && r.crew.troubled()
	})
	if !wanted {
		w.spread = nil
		return nil
	}
	if w.spread == nil || w.spread.template != current {
		w.spread = &spread{template: current, nodes: map[word]mix{}, alike: map[mix]int32{}}
		for _, r := range w.revisions {
			r.spreadAll(w.spread)
		}
	}
	return w.spread.say()
}

func (r *revision) spreadAll(s *spread) {
	if r.crew == nil {
		return
	}
	for _, p := range r.crew.pods {
		if p.share.has(isExposed) {
			s.add(p.node(), r.rec.template == s.template, 1)
		}
	}
}

// rehost takes in that a pod may have changed its node, or come or gone there.
func (r *revision) rehost(before, now *contribution) {
	if r.workload == nil || r.workload.spread == nil || before.has(isExposed) == now.has(isExposed) && before.node == now.node {
		return
	}
	s := r.workload.spread
	fresh := r.rec.template == s.template
	if before.has(isExposed) {
		s.add(before.node, fresh, -1)
	}
	if now.has(isExposed) {
		s.add(now.node, fresh, 1)
	}
}

func (s *spread) add(node word, fresh bool, n int32) {
	m := s.nodes[node]
	if m != (mix{}) {
		if s.alike[m]--; s.alike[m] == 0 {
			delete(s.alike, m)
		}
	}
	if fresh {
		m.fresh += n
	} else {
		m.old += n
	}
	if m == (mix{}) {
		delete(s.nodes, node)
		return
	}
	s.nodes[node] = m
	s.alike[m]++
}

// say lists the groups of like nodes, sorted. Of too many, those with most
// pods are kept.
func (s *spread) say() []policy.Host {
	out := make([]policy.Host, 0, len(s.alike))
	for m, nodes := range s.alike {
		out = append(out, policy.Host{Nodes: nodes, New: m.fresh, Old: m.old})
	}
	order := func(a, b policy.Host) int { return cmp.Or(cmp.Compare(a.New, b.New), cmp.Compare(a.Old, b.Old)) }
	if len(out) > policy.MaxHosts {
		slices.SortFunc(out, func(a, b policy.Host) int {
			return cmp.Or(cmp.Compare(b.Nodes*(b.New+b.Old), a.Nodes*(a.New+a.Old)), order(a, b))
		})
		out = slices.Clip(out[:policy.MaxHosts])
	}
	slices.SortFunc(out, order)
	return out
}
