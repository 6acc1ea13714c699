package watcher

// space is what is known in one namespace. Owners are looked for in the namespace of what
// they own and nowhere else: Kubernetes has none across namespaces ("Owners and
// Dependents"), but its API server takes any UID for one, and who may write in one
// namespace shall have no say in another.
type space struct {
	namespace word
	workloads map[uid]*workload
	revisions map[uid]*revision
}

// space is that of a namespace, which is made where there is none.
func (s *State) space(namespace word) *space {
	sp := s.spaces[namespace]
	if sp == nil {
		sp = &space{namespace: namespace, workloads: map[uid]*workload{}, revisions: map[uid]*revision{}}
		s.spaces[namespace] = sp
	}
	return sp
}

// workload is nil where there is none with this UID, as in no space at all.
func (sp *space) workload(id uid) *workload {
	if sp == nil {
		return nil
	}
	return sp.workloads[id]
}

// revision is nil where there is none with this UID, as in no space at all.
func (sp *space) revision(id uid) *revision {
	if sp == nil {
		return nil
	}
	return sp.revisions[id]
}

// workloadFor is made where there is none.
func (s *State) workloadFor(namespace word, id uid) *workload {
	sp := s.space(namespace)
	w := sp.workloads[id]
	if w == nil {
		w = &workload{uid: id, space: sp}
		sp.workloads[id] = w
	}
	return w
}

// revisionFor is made where there is none.
func (s *State) revisionFor(namespace word, id uid) *revision {
	sp := s.space(namespace)
	r := sp.revisions[id]
	if r == nil {
		r = &revision{kept: kept{uid: id}}
		sp.revisions[id] = r
	}
	return r
}

// prune forgets a workload that nothing speaks of any more. If it is queued,
// the queue still says that it is gone.
func (s *State) prune(w *workload) {
	if w.empty() {
		delete(w.space.workloads, w.uid)
		s.pruneSpace(w.space)
	}
}

// pruneRevision forgets a revision that nothing speaks of any more.
func (s *State) pruneRevision(namespace word, r *revision) {
	if r.empty() {
		sp := s.spaces[namespace]
		delete(sp.revisions, r.uid)
		s.pruneSpace(sp)
	}
}

func (s *State) pruneSpace(sp *space) {
	if len(sp.workloads) == 0 && len(sp.revisions) == 0 {
		delete(s.spaces, sp.namespace)
	}
}
