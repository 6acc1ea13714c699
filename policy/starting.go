package policy

import (
	"slices"
	"time"
)

// firstSilence is when a pod that has not answered yet was first asked.
type firstSilence struct {
	pod string
	at  time.Time
}

// starting tells whether a result is the silence of a pod that has never
// answered and may still be coming up. Where no readiness probe waits for it a
// pod is ready as soon as its process runs, while the old ones have long been up:
// that they answer says nothing yet. within is how long a pod may take.
func (c *checked) starting(r CheckResult, ready time.Time, within time.Duration) bool {
	if len(r.Pods) != 1 || r.NewFailed == 0 {
		return false
	}
	pod := r.Pods[0].Name
	i := slices.IndexFunc(c.silent, func(s firstSilence) bool { return s.pod == pod })
	if !r.Silent || slices.ContainsFunc(c.pods, func(p podCount) bool { return p.name == pod }) {
		return false
	}
	if i < 0 && len(c.silent) == maxPods {
		return r.At.Before(ready.Add(within))
	}
	if i < 0 {
		i = len(c.silent)
		c.silent = append(c.silent, firstSilence{pod, r.At})
	}
	return r.At.Before(c.silent[i].at.Add(within))
}

// withoutNew is the result as if nobody had asked the revision itself.
func (r CheckResult) withoutNew() CheckResult {
	r.New, r.NewFailed, r.Pods, r.Absolute = 0, 0, nil, false
	return r
}

// unheard is how long a complete revision is given at least for the sake of a
// check that has not given a single result yet; 0 if there is none.
func (k *checking) unheard() time.Duration {
	if k == nil {
		return 0
	}
	var wait time.Duration
	for _, c := range k.list {
		switch {
		case c.fresh > 0:
		case c.none > 0 && c.mute == (said{}):
			// There is nothing to compare with, and that will not change.
		case len(c.silent) > 0:
			// Until its silence counts, and then some plays.
			wait = max(wait, minReadyWithin+youngFor)
		default:
			wait = max(wait, youngFor)
		}
	}
	return wait
}
