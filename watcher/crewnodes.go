package watcher

// fewPods is up to how many pods of a revision their nodes are counted when it is
// asked how many there are, and beyond which a tally is kept: nearly all
// revisions have few, and a map for each takes more than their pods' names.
const fewPods = 16

// tallyNodes begins the tally once the pods are no longer few. The one that is
// about to join is not among them.
func (c *crew) tallyNodes() {
	if c.nodes != nil || len(c.pods) < fewPods {
		return
	}
	c.nodes = make(map[word]int32, 2*fewPods)
	for _, p := range c.pods {
		if p.share.has(isScheduled) {
			c.nodes[p.node()]++
		}
	}
}

// countNode keeps the tally, if there is one.
func (c *crew) countNode(now bool, node word, before bool, oldNode word) {
	if c.nodes == nil || now == before && node == oldNode {
		return
	}
	if before {
		if c.nodes[oldNode]--; c.nodes[oldNode] == 0 {
			delete(c.nodes, oldNode)
		}
	}
	if now {
		c.nodes[node]++
	}
}

// nodeCount is on how many nodes the pods are.
func (c *crew) nodeCount() int32 {
	if c.nodes != nil {
		return int32(len(c.nodes)) //nolint:gosec // bounded by the number of nodes
	}
	var n int32
	for i, p := range c.pods {
		if p.share.has(isScheduled) && !c.before(i, p.node()) {
			n++
		}
	}
	return n
}

// before tells whether one of the first n pods is on a node.
func (c *crew) before(n int, node word) bool {
	for _, p := range c.pods[:n] {
		if p.share.has(isScheduled) && p.node() == node {
			return true
		}
	}
	return false
}
