package watcher

import (
	"slices"
	"time"
)

// DeleteDeployment takes in that a Deployment is gone. A uid of "" means
// whichever has the name.
func (s *State) DeleteDeployment(_ time.Time, namespace, deployment, uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if uid == "" {
		uid = s.names[name{intern(namespace), deployment}]
	}
	s.dropDeployment(uid)
}

// DeleteReplicaSet takes in that a ReplicaSet is gone. A uid of "" means
// whichever has the name.
func (s *State) DeleteReplicaSet(_ time.Time, namespace, replicaSet, uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if uid == "" {
		for _, r := range s.revisions {
			if r.rec != nil && r.rec.named(namespace, replicaSet) {
				uid = r.uid
			}
		}
	}
	s.dropReplicaSet(uid)
}

// DeletePod takes in that a Pod is gone. A uid of "" means whichever has the
// name.
func (s *State) DeletePod(_ time.Time, namespace, pod, uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if uid == "" {
		for _, p := range s.pods {
			if p.rec.named(namespace, pod) {
				uid = p.rec.uid
			}
		}
	}
	s.dropPod(s.pods[uid])
}

// DeleteRecord takes in that one of undog's ControllerRevisions is gone. A uid
// of "" means whichever has the name.
func (s *State) DeleteRecord(_ time.Time, namespace, record, uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if uid == "" {
		for _, r := range s.records {
			if r.named(namespace, record) {
				uid = r.uid
			}
		}
	}
	s.dropRecord(uid)
}

func (i *identity) named(namespace, name string) bool {
	return i.name == name && text(i.namespace) == namespace
}

func (s *State) dropDeployment(uid string) {
	w := s.workloads[uid]
	if w == nil || w.rec == nil {
		return
	}
	if key := (name{w.rec.namespace, w.rec.name}); s.names[key] == uid {
		delete(s.names, key)
	}
	s.useConfigs(w, word{}, nil)
	w.rec = nil
	s.touch(w)
	s.prune(w)
}

func (s *State) dropReplicaSet(uid string) {
	r := s.revisions[uid]
	if r == nil || r.rec == nil {
		return
	}
	s.unlinkRevision(r)
	r.rec = nil
	s.pruneRevision(r)
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
	r := p.rev
	delete(s.pods, p.rec.uid)
	r.crew.leave(p)
	s.unhouse(p)
	s.touch(r.workload)
	s.pruneRevision(r)
}

func (s *State) dropRecord(uid string) {
	rec := s.records[uid]
	if rec == nil {
		return
	}
	delete(s.records, uid)
	w := s.workloads[rec.owner.Value()]
	w.records = slices.DeleteFunc(w.records, func(other *ledgerRecord) bool { return other == rec })
	s.touch(w)
	s.prune(w)
}

// prune forgets a workload that nothing speaks of any more. If it is queued,
// the queue still says that it is gone.
func (s *State) prune(w *workload) {
	if w.empty() {
		delete(s.workloads, w.uid)
	}
}

func (s *State) pruneRevision(r *revision) {
	if r.empty() {
		delete(s.revisions, r.uid)
	}
}
