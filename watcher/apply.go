package watcher

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
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

// applyDeployment returns what was wrong with the record, "" if nothing was.
func (s *State) applyDeployment(at time.Time, rec *deploymentRecord) (problem string) {
	rec.dropIncredible(at)
	if s.opts.Ignore(text(rec.namespace)) {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rec.bare {
		known := s.spaces[rec.namespace].workload(rec.uid).recordAt(rec.generation)
		if known == nil {
			return bareProblem
		}
		rec.dress(known)
	}
	key := name{rec.namespace, rec.name.String()}
	w := s.workloadFor(rec.namespace, rec.uid)
	if old := s.names[key]; old != nil && old != w {
		s.dropDeployment(old)
	}
	s.names[key], s.deployments[rec.uid] = w, w
	if w.rec != nil && w.rec.same(rec) {
		w.rec = rec
		return rec.problem()
	}
	s.useConfigs(w, rec.namespace, rec.configs.all())
	w.rec, w.own = rec, 0
	if w.ref.UID == "" {
		w.ref = policy.Workload{Kind: "Deployment", Namespace: text(rec.namespace), Name: rec.name.String(), UID: rec.uidText()}
	}
	w.chosen = s.opts.Select(w.ref.Namespace, rec.labels)
	s.touch(w)
	return rec.problem()
}

// applyReplicaSet returns what was wrong with the record, "" if nothing was.
func (s *State) applyReplicaSet(_ time.Time, rec *replicaSetRecord) (problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.spaces[rec.namespace].revision(rec.uid)
	if s.opts.Ignore(text(rec.namespace)) {
		return ""
	}
	if rec.owner == (uid{}) {
		if r == nil || !r.known() {
			// It has never had a Deployment.
			return ""
		}
		// It has lost its Deployment, and is nobody's. Its spec stays known: a change
		// that gives it to another one may have been read without.
		rec.replicaSetSpec, rec.failure, rec.generation = r.rec, r.failure(), r.generation
	}
	if rec.bare {
		if !r.knows(rec.generation) {
			return bareProblem
		}
		rec.dress(&r.rec)
	}
	if r == nil {
		r = s.revisionFor(rec.namespace, rec.uid)
	}
	r = s.own(r)
	if r.known() && r.workload.uid == rec.owner && r.says(rec) {
		r.keep(rec)
		return ""
	}
	s.dropNamesake(rec)
	w := s.workloadFor(rec.namespace, rec.owner)
	if r.workload != w {
		s.unlinkRevision(r)
		r.workload = w
		w.revisions = append(w.revisions, r)
	}
	w.adopt(&rec.identity)
	r.keep(rec)
	w.spread = nil
	s.touch(w)
	return ""
}

// dropNamesake drops another ReplicaSet of the same name: that can only be free
// because the other one was deleted.
func (s *State) dropNamesake(rec *replicaSetRecord) {
	w := s.spaces[rec.namespace].workload(rec.owner)
	if w == nil {
		return
	}
	for _, other := range w.revisions {
		if other.uid != rec.uid && other.name() == rec.name {
			s.dropReplicaSet(other)
			return
		}
	}
}

func (s *State) applyPod(at time.Time, rec *podRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pods[rec.uid]
	if rec.owner == (uid{}) || s.opts.Ignore(text(rec.namespace)) {
		s.dropPod(p)
		return
	}
	if p != nil && p.rev.uid == rec.owner && p.node() == rec.node && p.rec.same(&rec.podShown) {
		p.keep(&rec.identity)
		return
	}
	if p != nil && p.rev.uid != rec.owner {
		s.dropPod(p)
		p = nil
	}
	if p == nil {
		p = &podState{waitSlot: absent, hostSlot: absent}
		s.pods[rec.uid] = p
		s.own(s.revisionFor(rec.namespace, rec.owner)).join(p, &rec.identity)
	}
	before := p.contribution()
	p.keep(&rec.identity)
	news := p.observe(at, rec)
	s.house(p, rec.node)
	p.share = p.shareNow()
	p.rev.crew.learn(news)
	p.rev.crew.update(p, before)
	s.awaitDue(p)
	if p.rev.workload != nil {
		p.rev.workload.heard = at.UnixNano()
	}
	s.touch(p.rev.workload)
}

func (s *State) applyRecord(_ time.Time, rec *ledgerRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.records[rec.uid]
	if old != nil && old.same(rec) {
		return
	}
	s.dropRecord(rec.uid)
	if rec.owner == (uid{}) || s.opts.Ignore(text(rec.namespace)) {
		return
	}
	s.records[rec.uid] = rec
	w := s.workloadFor(rec.namespace, rec.owner)
	w.records = append(w.records, rec)
	s.touch(w)
}
