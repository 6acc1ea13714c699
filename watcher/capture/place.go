package capture

import (
	"slices"

	"github.com/undog-dev/undog/policy"
)

// place is where something is to be read: a pod, and what it is said to have shown.
type place struct {
	pod string
	// failure is nil where only the pod is known.
	failure *policy.Failure
}

// container is the one that failed, "" where that is not known.
func (p place) container() string {
	if p.failure == nil {
		return ""
	}
	return p.failure.Container
}

// places are the containers worth looking at: one of each kind of failure, then
// others of the same kinds, then pods that a check failed on, then whatever is not
// ready.
func (r *Reader) places(d policy.Decision) []place {
	var all places
	// What names a container comes before what only names pods.
	all.failed(d.Record.Failures, true)
	all.failed(d.Record.Failures, false)
	for i := range d.Record.Checks {
		for _, pod := range d.Record.Checks[i].Pods {
			all.add(place{pod: pod})
		}
	}
	if len(all) > 0 || r.opts.Seen == nil {
		return all
	}
	for _, p := range r.opts.Seen(d.Workload.UID) {
		if p.Revision == d.From.UID && !p.Ready {
			all.add(place{pod: p.Name})
		}
	}
	return all
}

// places are at most policy.MaxCaptured, no two of the same container.
type places []place

func (all *places) add(p place) {
	if p.pod == "" || len(*all) == policy.MaxCaptured {
		return
	}
	same := func(q place) bool {
		return q.pod == p.pod && (q.container() == p.container() || q.container() == "" || p.container() == "")
	}
	if !slices.ContainsFunc(*all, same) {
		*all = append(*all, p)
	}
}

// failed adds the pods of failures that name a container, or of those that do not.
func (all *places) failed(list []policy.Failure, named bool) {
	for i := range policy.MaxSamples {
		for j := range list {
			if f := &list[j]; i < len(f.Samples) && named == (f.Container != "") {
				all.add(place{f.Samples[i], f})
			}
		}
	}
}
