package watcher

import (
	"cmp"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

// Remembered says how every watched Deployment stands of which the ledger holds
// a record, sorted by namespace, name and UID. It takes nothing away from Take.
func (s *State) Remembered(at time.Time) []*policy.Observation {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*policy.Observation
	for _, w := range s.deployments {
		if w.live() && len(w.records) > 0 {
			out = append(out, s.observe(at, w).Whole())
		}
	}
	slices.SortFunc(out, func(a, b *policy.Observation) int {
		return cmp.Or(cmp.Compare(a.Workload.Namespace, b.Workload.Namespace),
			cmp.Compare(a.Workload.Name, b.Workload.Name), cmp.Compare(a.Workload.UID, b.Workload.UID))
	})
	return out
}

// Remembered is that of the State; nothing before Synced.
func (w *Watcher) Remembered(at time.Time) []*policy.Observation {
	if !w.Synced() {
		return nil
	}
	return w.state.Remembered(at)
}
