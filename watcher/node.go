package watcher

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// nodeRecord is a Node, reduced.
type nodeRecord struct {
	identity
	nodeStatus
}

// nodeStatus is the part of a nodeRecord that compares with ==.
type nodeStatus struct {
	ready bool
	// since is when the Ready condition last changed, on the node's or its
	// controller's clock.
	since int64
}

// reduceNode keeps of a Node whether it is ready, and since when. One that does
// not say is ready: nothing speaks against what its pods show.
func reduceNode(n *corev1.Node) *nodeRecord {
	r := &nodeRecord{identity: reduceIdentity(n, ""), nodeStatus: nodeStatus{ready: true}}
	for i := range n.Status.Conditions {
		if c := &n.Status.Conditions[i]; c.Type == corev1.NodeReady {
			r.ready = c.Status == corev1.ConditionTrue
			r.since = unixSeconds(c.LastTransitionTime)
		}
	}
	return r
}

// node is a place for pods, known from its Node or from a pod that names it.
type node struct {
	name word
	// uid is that of the Node, zero when it was never seen. Then it counts as ready:
	// undog may not be allowed to see Nodes.
	uid uid
	// gone says that the Node was seen and is deleted.
	gone bool
	nodeStatus
	pods []*podState
}

// lost tells whether nothing that pods on the node show can be believed.
func (n *node) lost() bool { return n != nil && (n.gone || n.uid != (uid{}) && !n.ready) }

// returned is since when the node has been ready without a break, 0 if unknown.
// What a pod did or failed to do before that may be the node's doing.
func (n *node) returned() int64 {
	if n == nil || n.uid == (uid{}) || !n.ready {
		return 0
	}
	return n.since
}

// ApplyNode takes in a Node as it is now.
func (s *State) ApplyNode(at time.Time, n *corev1.Node) { s.applyNode(at, reduceNode(n)) }

func (s *State) applyNode(_ time.Time, rec *nodeRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodeFor(intern(rec.name.String()))
	if n.uid == rec.uid && !n.gone && n.nodeStatus == rec.nodeStatus {
		return
	}
	s.flip(n, func() { n.uid, n.gone, n.nodeStatus = rec.uid, false, rec.nodeStatus })
}

// DeleteNode takes in that a Node is gone. An id of "" means whichever has the
// name.
func (s *State) DeleteNode(_ time.Time, node, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, _ := uidOf(id)
	n := s.nodes[intern(node)]
	if n == nil || n.uid == (uid{}) || id != "" && n.uid != known {
		return
	}
	s.flip(n, func() { n.gone = true })
	s.pruneNode(n)
}

// flip changes a node and with it what its pods contribute.
func (s *State) flip(n *node, change func()) {
	before := make([]contribution, len(n.pods))
	for i, p := range n.pods {
		before[i] = p.contribution()
	}
	change()
	for i, p := range n.pods {
		p.share = p.shareNow()
		p.rev.crew.update(p, before[i])
		s.touch(p.rev.workload)
	}
}

func (s *State) nodeFor(name word) *node {
	n := s.nodes[name]
	if n == nil {
		n = &node{name: name}
		s.nodes[name] = n
	}
	return n
}

// house puts a pod on the node that it names, if it names one.
func (s *State) house(p *podState, name word) {
	if p.node() == name {
		return
	}
	s.unhouse(p)
	if name == (word{}) {
		return
	}
	p.host = s.nodeFor(name)
	p.hostSlot = int32(len(p.host.pods)) //nolint:gosec // bounded by the number of pods
	p.host.pods = append(p.host.pods, p)
}

func (s *State) unhouse(p *podState) {
	n := p.host
	if n == nil {
		return
	}
	removeSlot(&n.pods, p.hostSlot, func(moved *podState, i int32) { moved.hostSlot = i })
	p.host, p.hostSlot = nil, absent
	s.pruneNode(n)
}

// pruneNode forgets a node that has neither pods nor a Node.
func (s *State) pruneNode(n *node) {
	if len(n.pods) == 0 && (n.gone || n.uid == (uid{})) {
		delete(s.nodes, n.name)
	}
}
