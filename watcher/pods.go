package watcher

import (
	"cmp"
	"slices"
	"time"
)

// Pod is a pod of a Deployment as it was last seen.
type Pod struct {
	Name, UID, Node string
	// Revision is the UID of its ReplicaSet.
	Revision string
	Ready    bool
	// ReadySince is since when it has been, by the node's clock in whole
	// seconds and never later than undog saw it; zero while it is not.
	ReadySince time.Time
}

// MaxPods is how many pods of one revision are listed.
const MaxPods = 2048

// Pods lists the pods of the Deployment with this UID, sorted by name. Those that
// are being deleted or disrupted, that are finished, or whose node is lost are
// left out, and so is what a revision has beyond MaxPods, unready ones first.
// Nothing is listed of a Deployment that is not watched.
func (s *State) Pods(deployment string) []Pod {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _ := uidOf(deployment)
	w := s.deployments[id]
	if w == nil || !w.live() {
		return nil
	}
	var out []Pod
	for _, r := range w.revisions {
		if r.crew != nil {
			out = append(out, r.crew.list(r.uidText())...)
		}
	}
	slices.SortFunc(out, func(a, b Pod) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.UID, b.UID)) })
	return out
}

// list says who the counted pods of a revision are.
func (c *crew) list(revision string) []Pod {
	var ready, others []Pod
	for _, p := range c.pods {
		if !p.share.has(isCounted) {
			continue
		}
		told := Pod{Name: p.name().String(), UID: p.uidText(), Node: text(p.node()), Revision: revision, Ready: p.share.has(isReady)}
		if !told.Ready {
			if len(others) < MaxPods {
				others = append(others, told)
			}
			continue
		}
		told.ReadySince = secondsTime(int64(p.clock.readyAt))
		if ready = append(ready, told); len(ready) == MaxPods {
			break
		}
	}
	return append(ready, others[:min(len(others), MaxPods-len(ready))]...)
}

// Pods lists the pods of a Deployment, as State.Pods does; nothing before Synced.
func (w *Watcher) Pods(uid string) []Pod {
	if !w.Synced() {
		return nil
	}
	return w.state.Pods(uid)
}
