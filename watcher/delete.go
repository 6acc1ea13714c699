package watcher

import (
	"slices"
	"time"
)

// DeleteDeployment takes in that a Deployment is gone. An id of "" means
// whichever has the name.
func (s *State) DeleteDeployment(_ time.Time, namespace, deployment, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == "" {
		s.dropDeployment(s.names[name{intern(namespace), deployment}])
		return
	}
	gone, _ := uidOf(id)
	s.dropDeployment(s.deployments[gone])
}

// DeleteReplicaSet takes in that a ReplicaSet is gone. An id of "" means
// whichever has the name.
func (s *State) DeleteReplicaSet(_ time.Time, namespace, replicaSet, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[intern(namespace)]
	gone, _ := uidOf(id)
	r := sp.revision(gone)
	if id == "" && sp != nil {
		for _, other := range sp.revisions {
			if other.known() && other.name().is(replicaSet) {
				r = other
			}
		}
	}
	s.dropReplicaSet(r)
}

// DeletePod takes in that a Pod is gone. An id of "" means whichever has the
// name.
func (s *State) DeletePod(_ time.Time, namespace, pod, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone, _ := uidOf(id)
	if id == "" {
		for _, p := range s.pods {
			if id := p.identity(); id.named(namespace, pod) {
				gone = p.uid
			}
		}
	}
	s.dropPod(s.pods[gone])
}

// DeleteRecord takes in that one of undog's ControllerRevisions is gone. A uid
// of "" means whichever has the name.
func (s *State) DeleteRecord(_ time.Time, namespace, record, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone, _ := uidOf(id)
	if id == "" {
		for _, r := range s.records {
			if r.named(namespace, record) {
				gone = r.uid
			}
		}
	}
	s.dropRecord(gone)
}

func (i *identity) named(namespace, name string) bool {
	return i.name.is(name) && text(i.namespace) == namespace
}

func (s *State) dropDeployment(w *workload) {
	if w == nil || w.rec == nil {
		return
	}
	delete(s.deployments, w.uid)
	if key := (name{w.rec.namespace, w.rec.name.String()}); s.names[key] == w {
		delete(s.names, key)
	}
	s.useConfigs(w, word{}, nil)
	w.rec = nil
	s.touch(w)
	s.prune(w)
}

func (s *State) dropReplicaSet(r *revision) {
	if r == nil || !r.known() {
		return
	}
	r = s.own(r)
	namespace := r.workload.space.namespace
	s.unlinkRevision(r)
	r.forget()
	s.pruneRevision(namespace, r)
}

// unlinkRevision takes a revision out of its workload, if it has one.
func (s *State) unlinkRevision(r *revision) {
	w := r.workload
	if w == nil {
		return
	}
	w.revisions = slices.DeleteFunc(w.revisions, func(other *revision) bool { return other == r })
	r.workload = nil
	w.spread = nil
	s.touch(w)
	s.prune(w)
}

func (s *State) dropPod(p *podState) {
	if p == nil {
		return
	}
	r, namespace := p.rev, p.identity().namespace
	delete(s.pods, p.uid)
	r.crew.leave(p)
	s.unhouse(p)
	// It may be looked up once more, to see whether it has settled.
	p.evidence = nil
	s.touch(r.workload)
	s.pruneRevision(namespace, r)
}

func (s *State) dropRecord(id uid) {
	rec := s.records[id]
	if rec == nil {
		return
	}
	delete(s.records, id)
	w := s.spaces[rec.namespace].workload(rec.owner)
	w.records = slices.DeleteFunc(w.records, func(other *ledgerRecord) bool { return other == rec })
	s.touch(w)
	s.prune(w)
}
