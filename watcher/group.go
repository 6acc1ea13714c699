package watcher

import (
	"cmp"
	"slices"

	"github.com/undog-dev/undog/policy"
)

// group is one kind of failure in one revision, added up over its pods. Sums
// are kept up as pods change. What cannot be taken back by subtraction, such as
// a maximum, is merged while it grows and made anew, when it is next asked
// for, after it may have shrunk.
type group struct {
	members map[*podState]occurrence
	nodes   map[word]int32
	pods    int32
	count   int32
	// repeated counts the pods with at least two occurrences.
	repeated int32

	stale   bool
	extreme extreme
}

// extreme is the part of a group that is not a sum.
type extreme struct {
	first, last int64
	// message is that of the newest occurrence that has one, which was at told.
	message  word
	told     int64
	maxCount int32
	samples  []sample
}

type sample struct {
	name  label
	count int32
}

// put replaces what a pod contributes.
func (g *group) put(p *podState, o occurrence, node word) {
	old, had := g.members[p]
	if had {
		g.subtract(old, node)
	}
	g.members[p] = o
	g.count += o.count
	if o.count > 1 {
		g.repeated++
	}
	if !o.settled {
		g.pods++
		if node != (word{}) {
			g.nodes[node]++
		}
	}
	said := o.message == old.message || old.message == (word{}) || o.message != (word{}) && o.last > old.last
	grew := !had || o.count >= old.count && o.first == old.first && said
	if !grew {
		g.stale = true
	}
	if !g.stale {
		g.extreme.merge(p.name(), o)
	}
}

// remove takes back what a pod contributes.
func (g *group) remove(p *podState, node word) {
	if old, had := g.members[p]; had {
		g.subtract(old, node)
		delete(g.members, p)
		g.stale = true
	}
}

func (g *group) subtract(o occurrence, node word) {
	g.count -= o.count
	if o.count > 1 {
		g.repeated--
	}
	if o.settled {
		return
	}
	g.pods--
	if node == (word{}) {
		return
	}
	if g.nodes[node]--; g.nodes[node] == 0 {
		delete(g.nodes, node)
	}
}

// merge takes in an occurrence. Merging in any order ends in the same.
func (x *extreme) merge(name label, o occurrence) {
	if x.first == 0 || o.first < x.first {
		x.first = o.first
	}
	x.last = max(x.last, o.last)
	if o.message != (word{}) && (o.last > x.told || o.last == x.told && text(o.message) > text(x.message)) {
		x.told, x.message = o.last, o.message
	}
	x.maxCount = max(x.maxCount, o.count)
	x.samples = slices.DeleteFunc(x.samples, func(s sample) bool { return s.name == name })
	x.samples = append(x.samples, sample{name: name, count: o.count})
	slices.SortFunc(x.samples, func(a, b sample) int {
		return cmp.Or(cmp.Compare(b.count, a.count), a.name.compare(b.name))
	})
	if len(x.samples) > policy.MaxSamples {
		x.samples = x.samples[:policy.MaxSamples]
	}
}

// failure is the group as an Observation says it.
func (g *group) failure(key failureKey) policy.Failure {
	if g.stale {
		g.extreme = extreme{}
		for p, o := range g.members {
			g.extreme.merge(p.name(), o)
		}
		g.stale = false
	}
	x := &g.extreme
	f := policy.Failure{
		Reason:    text(key.reason),
		Container: text(key.container),
		Init:      key.init,
		Exited:    key.exited,
		ExitCode:  key.code,
		Message:   text(x.message),
		Pods:      g.pods,
		Nodes:     int32(len(g.nodes)), //nolint:gosec // bounded by the number of nodes
		Count:     g.count,
		MaxCount:  x.maxCount,
		Repeated:  g.repeated,
		First:     nanosTime(x.first),
		Last:      nanosTime(x.last),
	}
	for _, s := range x.samples {
		f.Samples = append(f.Samples, s.name.String())
	}
	return f
}

// failures says the groups, sorted by key, and how many did not fit. Those
// that most pods show are kept, then those that repeat most.
func failures(groups map[failureKey]*group) (kept []policy.Failure, cut int32) {
	if len(groups) == 0 {
		return nil, 0
	}
	all := make([]policy.Failure, 0, len(groups))
	for key, g := range groups {
		all = append(all, g.failure(key))
	}
	if len(all) > policy.MaxFailures {
		slices.SortFunc(all, func(a, b policy.Failure) int {
			return cmp.Or(cmp.Compare(b.Pods, a.Pods), cmp.Compare(b.MaxCount, a.MaxCount),
				cmp.Compare(b.Count, a.Count), compareKeys(a, b))
		})
		cut = int32(len(all) - policy.MaxFailures) //nolint:gosec // bounded by the number of pods
		all = slices.Clip(all[:policy.MaxFailures])
	}
	slices.SortFunc(all, compareKeys)
	return all, cut
}

func compareKeys(a, b policy.Failure) int {
	return cmp.Or(
		cmp.Compare(a.Container, b.Container),
		compareBools(a.Init, b.Init),
		cmp.Compare(a.Reason, b.Reason),
		compareBools(a.Exited, b.Exited),
		cmp.Compare(a.ExitCode, b.ExitCode),
	)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
