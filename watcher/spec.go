package watcher

import "slices"

// Most changes of a ReplicaSet or a Deployment are of its status. The API server
// counts changes of the spec in metadata.generation: as long as that is the same, what
// was kept of the spec holds, and package slim does not read it again until everything
// is listed anew.

// bareProblem is said of an object that came without its spec although nobody knows
// it. A watch never brings an object that it has said is gone, so it should not be.
const bareProblem = "its spec was not read, and is not known"

// knowsSpec tells whether what counts of an object's spec is kept, and need not be
// read again.
func (s *State) knowsSpec(kind, namespace, id string, generation int64) bool {
	u, _ := uidOf(id)
	in := intern(namespace)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch sp := s.spaces[in]; kind {
	case "ReplicaSet":
		r := sp.revision(u)
		return r.knows(uint32(generation)) && r.workload.matched() //nolint:gosec // as records have it
	case "Deployment":
		w := sp.workload(u)
		return w.recordAt(generation) != nil && w.matched()
	}
	return false
}

// matched tells whether one of the revisions has the Deployment's template. As long as
// none has, nothing is settled: a watch may have gone on at a server of another version,
// which sees more in one of the two.
func (w *workload) matched() bool {
	return w.rec == nil || slices.ContainsFunc(w.revisions, func(r *revision) bool { return r.rec.template == w.rec.template })
}

// recordAt is the record of a Deployment with a spec of this generation, nil if
// there is none.
func (w *workload) recordAt(generation int64) *deploymentRecord {
	if w == nil || w.rec == nil || generation == 0 || w.rec.generation != generation {
		return nil
	}
	return w.rec
}

// knows tells whether the ReplicaSet's spec of this generation is known.
func (r *revision) knows(generation uint32) bool {
	return r != nil && r.known() && generation != 0 && r.generation == generation
}
