package policy

import (
	"strconv"
	"strings"
	"time"
)

// unschedulable is what the scheduler's message comes to.
type unschedulable struct {
	// own says that something which the release changed is to blame on every node.
	own bool
	// what is that, for people.
	what  string
	grace time.Duration
}

// unschedulable reads the scheduler's message. It has the form
//
//	0/5 nodes are available: 3 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: …
//
// or, where one thing keeps the pod off every node, that thing without a
// number (FitError in k8s.io/kubernetes/pkg/scheduler/framework/types.go).
func (c *Case) unschedulable(f Failure) unschedulable {
	head, text, ok := strings.Cut(f.Message, " nodes are available: ")
	nodes, err := strconv.Atoi(strings.TrimPrefix(head, "0/"))
	if !ok || err != nil || nodes == 0 {
		return unschedulable{}
	}
	text, _, _ = strings.Cut(text, " preemption: ")
	text, _, _ = strings.Cut(text, " no new claims to deallocate")
	var tally tally
	for part := range strings.SplitSeq(strings.TrimRight(text, ". "), ", ") {
		tally.add(c, part, nodes)
	}
	if tally.fault == "" || tally.covered+tally.short < nodes {
		return unschedulable{}
	}
	return unschedulable{own: true, what: tally.fault, grace: tally.grace}
}

// tally adds up on how many nodes something is to blame that is not for the
// cluster to mend by itself.
type tally struct {
	// covered counts nodes of which one obstacle is named; short is the most
	// that lack one resource: a node may lack several, and then counts for each.
	covered, short int
	fault          string
	grace          time.Duration
}

// add takes in one part of the message: a number of nodes and an obstacle.
func (t *tally) add(c *Case, part string, nodes int) {
	n := nodes
	if first, rest, ok := strings.Cut(part, " "); ok {
		if v, err := strconv.Atoi(first); err == nil {
			n, part = v, rest
		}
	}
	if resource, ok := strings.CutPrefix(part, "Insufficient "); ok {
		if c.raised(resource) {
			t.short = max(t.short, n)
			t.blame("how much "+resource+" it asks for", scheduleGrace)
		}
		return
	}
	for _, o := range obstacles {
		if !strings.Contains(part, o.words) {
			continue
		}
		switch {
		case c.touched(o.fields...):
			t.covered += n
			t.blame(o.what, o.grace)
		case o.standing && !strings.Contains(part, "{node.kubernetes.io/"):
			t.covered += n
		}
		return
	}
}

// blame notes what the release changed. Of several the longest grace counts.
func (t *tally) blame(what string, grace time.Duration) {
	if t.fault == "" || grace > t.grace {
		t.fault, t.grace = what, grace
	}
}

// obstacle is one reason of the scheduler's to keep a pod off a node.
type obstacle struct {
	words, what string
	// fields are those that it is about.
	fields []string
	// standing says that the obstacle was there for the revision before as
	// well, where the release did not change those fields: the node was never
	// one for this workload.
	standing bool
	grace    time.Duration
}

// obstacles are the scheduler's words (ErrReason… in k8s.io/kubernetes/pkg/
// scheduler/framework/plugins). Those that no release can bring about, such as
// a node that is cordoned or full of volumes, are left out: they count for the
// cluster. A taint of the node controller's, where it is named, comes and goes.
var obstacles = []obstacle{
	{
		words: "node affinity/selector", what: "which nodes it may run on", standing: true, grace: scheduleGrace,
		fields: []string{"spec.nodeSelector", "spec.affinity"},
	},
	{
		words: "untolerated taint", what: "which taints it tolerates", standing: true, grace: scheduleGrace,
		fields: []string{"spec.tolerations"},
	},
	{
		words: "taints that the pod didn't tolerate", what: "which taints it tolerates", standing: true, grace: scheduleGrace,
		fields: []string{"spec.tolerations"},
	},
	{
		words: "requested node name", what: "which node it names", standing: true, grace: scheduleGrace,
		fields: []string{"spec.nodeName"},
	},
	{words: "anti-affinity rules", what: "which pods it keeps away from", grace: scheduleGrace, fields: []string{"spec.affinity"}},
	{words: "pod affinity rules", what: "which pods it wants to be near", grace: scheduleGrace, fields: []string{"spec.affinity"}},
	{
		words: "topology spread constraints", what: "how it wants to be spread", grace: scheduleGrace,
		fields: []string{"spec.topologySpreadConstraints"},
	},
	{
		words: "free ports", what: "which ports of the node it takes", grace: scheduleGrace,
		fields: []string{"spec.containers.ports", "spec.containers[]", "spec.hostNetwork"},
	},
	{words: "required features", what: "which features it needs", standing: true, grace: scheduleGrace, fields: []string{"spec"}},
	{words: `" not found`, what: "its volumes", grace: claimGrace, fields: []string{"spec.volumes"}},
	{words: "PersistentVolume's node affinity", what: "its volumes", grace: scheduleGrace, fields: []string{"spec.volumes"}},
	{words: "volume node affinity conflict", what: "its volumes", grace: scheduleGrace, fields: []string{"spec.volumes"}},
	{words: "ReadWriteOncePod", what: "its volumes", grace: scheduleGrace, fields: []string{"spec.volumes"}},
}
