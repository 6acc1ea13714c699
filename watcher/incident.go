package watcher

import (
	"cmp"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

// incident is the first exit of a pod after it had started.
type incident struct {
	// pod is nil when it is gone.
	pod  *podState
	name label
	node word
	// at is when it was seen, in Unix nanoseconds; 0 if at the first look.
	at int64
	// exitedAt is Unix seconds on the node's clock.
	exitedAt int64
	age      time.Duration
	// wasReady says that the pod had been ready, or may have been.
	wasReady bool
}

// minAge is the age of a pod that failed in the second in which it started.
const minAge = time.Millisecond

func (p *podState) incidentOf(at time.Time, t *trouble, next *podRecord, firstLook bool) *incident {
	i := &incident{pod: p, name: p.name(), node: next.node, exitedAt: t.exitedAt}
	if !firstLook {
		i.at = at.UnixNano()
	}
	i.wasReady = p.clock.mayHaveBeenReady(&p.rec.podStatus, firstLook && t.exits > 1)
	// Of several exits at once only the newest has a time.
	if ended := min(t.exitedAt, at.Unix()); t.exits == 1 && ended != 0 && p.clock.start != 0 && ended >= int64(p.clock.start) {
		i.age = max(next.credible(at, time.Duration(ended-int64(p.clock.start))*time.Second), minAge)
	}
	return i
}

// hidden says that the incident is none for now: the pod is on a lost node, or
// fell before its node came back.
func (i *incident) hidden() bool {
	return i.pod != nil && (i.pod.host.lost() || i.exitedAt != 0 && i.exitedAt < i.pod.host.returned())
}

func compareIncidents(a, b *incident) int {
	return cmp.Or(cmp.Compare(a.at, b.at), a.name.compare(b.name))
}

// learn takes in what is told once.
func (c *crew) learn(n news) {
	c.slowest = max(c.slowest, n.ready)
	c.slowestInit = max(c.slowestInit, n.init)
	if n.fall == nil {
		return
	}
	i, _ := slices.BinarySearchFunc(c.incidents, n.fall, compareIncidents)
	c.incidents = slices.Insert(c.incidents, i, n.fall)
	if len(c.incidents) > policy.MaxIncidents {
		c.incidents = slices.Delete(c.incidents, 0, 1)
	}
}

// bury keeps the incident of a pod that is gone, unless it was none.
func (c *crew) bury(p *podState) {
	if !p.fallen {
		return
	}
	c.incidents = slices.DeleteFunc(c.incidents, func(i *incident) bool { return i.pod == p && i.hidden() })
	for _, i := range c.incidents {
		if i.pod == p {
			i.pod = nil
		}
	}
}

// troubled tells whether there is an incident that undog saw happen.
func (c *crew) troubled() bool {
	return slices.ContainsFunc(c.incidents, func(i *incident) bool { return i.at != 0 && !i.hidden() })
}

func (c *crew) sayIncidents() []policy.Incident {
	if len(c.incidents) == 0 {
		return nil
	}
	out := make([]policy.Incident, 0, len(c.incidents))
	for _, i := range c.incidents {
		if !i.hidden() {
			out = append(out, policy.Incident{Pod: i.name.String(), Node: text(i.node), At: nanosTime(i.at), Age: i.age, WasReady: i.wasReady})
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
