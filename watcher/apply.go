package watcher

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// ApplyDeployment takes in a Deployment as it is now.
func (s *State) ApplyDeployment(at time.Time, d *appsv1.Deployment) {
	s.applyDeployment(at, reduceDeployment(d))
}

// ApplyReplicaSet takes in a ReplicaSet as it is now.
func (s *State) ApplyReplicaSet(at time.Time, rs *appsv1.ReplicaSet) {
	s.applyReplicaSet(at, reduceReplicaSet(rs))
}

// ApplyPod takes in a Pod as it is now.
func (s *State) ApplyPod(at time.Time, p *corev1.Pod) {
	s.applyPod(at, reducePod(p))
}

// ApplyRecord takes in one of undog's ControllerRevisions as it is now. Those
// of others are left alone.
func (s *State) ApplyRecord(at time.Time, cr *appsv1.ControllerRevision) {
	s.applyRecord(at, reduceRecord(cr, s.opts.DecodeRecord))
}

func (s *State) applyDeployment(at time.Time, rec *deploymentRecord) {
	rec.dropIncredible(at)
	if s.opts.Ignore(text(rec.namespace)) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := name{rec.namespace, rec.name}
	if uid, ok := s.names[key]; ok && uid != rec.uid {
		s.dropDeployment(uid)
	}
	s.names[key] = rec.uid
	w := s.workloadFor(rec.uid)
	if w.rec != nil && (w.rec.sameVersion(&rec.identity) || w.rec.same(rec)) {
		w.rec = rec
		return
	}
	s.useConfigs(w, rec.namespace, rec.configs)
	w.rec, w.ref = rec, rec.seen.Workload
	w.chosen = s.opts.Select(w.ref.Namespace, rec.seen.Labels)
	s.touch(w)
}

func (s *State) applyReplicaSet(_ time.Time, rec *replicaSetRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.revisions[rec.uid]
	if rec.owner == (word{}) || s.opts.Ignore(text(rec.namespace)) {
		// It has never had, or has lost, its Deployment.
		s.dropReplicaSet(rec.uid)
		return
	}
	if r == nil {
		r = &revision{uid: rec.uid}
		s.revisions[rec.uid] = r
	}
	if r.rec != nil && r.rec.owner == rec.owner && (r.rec.sameVersion(&rec.identity) || r.rec.same(rec)) {
		r.rec = rec
		return
	}
	w := s.workloadFor(rec.owner.Value())
	for _, other := range w.revisions {
		if other != r && other.rec.name == rec.name && other.rec.namespace == rec.namespace {
			// Its name can only be free because the other one was deleted.
			s.dropReplicaSet(other.uid)
			w = s.workloadFor(rec.owner.Value())
			break
		}
	}
	if r.workload != w {
		s.unlinkRevision(r)
		r.workload = w
		w.revisions = append(w.revisions, r)
	}
	r.rec = rec
	w.spread = nil
	s.touch(w)
}

func (s *State) applyPod(at time.Time, rec *podRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pods[rec.uid]
	if rec.owner == (word{}) || s.opts.Ignore(text(rec.namespace)) {
		s.dropPod(p)
		return
	}
	if p != nil && (p.rec.sameVersion(&rec.identity) || p.rec.sameStatus(rec)) {
		p.rec = rec
		return
	}
	if p != nil && p.rec.owner != rec.owner {
		s.dropPod(p)
		p = nil
	}
	if p == nil {
		p = &podState{waitSlot: absent, hostSlot: absent}
		s.pods[rec.uid] = p
		s.revisionFor(rec.owner.Value()).join(p)
	}
	before := p.contribution()
	news := p.observe(at, rec)
	s.house(p)
	p.share = p.shareNow()
	p.rev.crew.learn(news)
	p.rev.crew.update(p, before)
	s.awaitDue(p)
	if p.rev.workload != nil {
		p.rev.workload.heard = at
	}
	s.touch(p.rev.workload)
}

func (s *State) applyRecord(_ time.Time, rec *ledgerRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.records[rec.uid]
	if old != nil && (old.sameVersion(&rec.identity) || old.same(rec)) {
		return
	}
	s.dropRecord(rec.uid)
	if rec.owner == (word{}) || s.opts.Ignore(text(rec.namespace)) {
		return
	}
	s.records[rec.uid] = rec
	w := s.workloadFor(rec.owner.Value())
	w.records = append(w.records, rec)
	s.touch(w)
}

func (s *State) workloadFor(uid string) *workload {
	w := s.workloads[uid]
	if w == nil {
		w = &workload{uid: uid}
		s.workloads[uid] = w
	}
	return w
}

func (s *State) revisionFor(uid string) *revision {
	r := s.revisions[uid]
	if r == nil {
		r = &revision{uid: uid}
		s.revisions[uid] = r
	}
	return r
}
