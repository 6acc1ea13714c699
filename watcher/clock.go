package watcher

import (
	"math"
	"slices"
	"time"
)

// clock is the memory of when a pod started and how long it was ready. Its
// times are Unix seconds on the node's clock, in 32 bits.
type clock struct {
	// start is when every container had run for the first time, 0 before.
	start uint32
	// floor is when the readiness found at the first look began, and no earlier than
	// the pod was created. What was before it is unknown, and counts in its favour.
	floor uint32
	// readyAt is when the Ready condition last changed, and never later than
	// when that was seen: a node's clock may be ahead.
	readyAt uint32
	// initAt is since when the present init container has been running, 0 if none is.
	initAt uint32
	// wasReady says that the pod's first readiness has been seen.
	wasReady bool
	// losses counts how often it lost its readiness, and down the seconds that
	// passed until it was ready again; both stop at their highest number.
	losses uint8
	down   uint16
	// due is the last time put in the queue of times to look again, on undog's own clock.
	due uint32
	// streaks are the past times of readiness that still matter: each ended
	// later and was shorter than the one before it.
	streaks rare[streak]
}

// streak is a time of readiness that is over.
type streak struct {
	length, end int64
}

// observe takes in a pod's next status; old is nil at the first look.
func (c *clock) observe(at time.Time, old *podStatus, next *podRecord) {
	now := stamp(at.Unix())
	if next.ran != 0 && (c.start == 0 || next.ran < c.start) {
		c.start = min(next.ran, now)
	}
	if old == nil || old.ready != next.ready || old.readyAt != next.readyAt {
		c.readyAt = min(next.readyAt, now)
	}
	if old == nil || old.initSince != next.initSince {
		c.initAt = min(next.initSince, now)
	}
	if old == nil {
		c.floor = c.readyAt
		if c.floor != 0 && next.ranBy != 0 {
			c.start = min(c.start, next.ranBy)
		}
		// It has not been waiting for longer than it has been there.
		c.floor = max(c.floor, next.born)
		return
	}
	if old.ready && next.readyAt != old.readyAt {
		c.end(streak{length: int64(next.readyAt) - int64(old.readyAt), end: int64(c.readyAt)})
	}
	c.count(old, &next.podStatus)
}

// count adds up how often readiness was lost, and for how long.
func (c *clock) count(old, next *podStatus) {
	if old.ready && next.readyAt != old.readyAt && c.losses < math.MaxUint8 {
		c.losses++
	}
	if !old.ready && next.ready && c.wasReady {
		c.down = uint16(min(int64(c.down)+max(int64(next.readyAt)-int64(old.readyAt), 0), math.MaxUint16)) //nolint:gosec // bounded
	}
}

// unsteady tells whether the pod became ready and lost it, again and again, so
// that it was unready for a good while in all.
func (c *clock) unsteady() bool {
	return c.losses >= unsteadyLosses && int64(c.down) >= int64(unsteadyDown/time.Second)
}

// end adds a streak. Shorter ones before it no longer matter: whoever is
// content with them is content with this later one.
func (c *clock) end(s streak) {
	if s.length < int64(MinSustained/time.Second) {
		return
	}
	list := c.streaks.all()
	keep := len(list)
	for keep > 0 && list[keep-1].length <= s.length {
		keep--
	}
	list = append(list[:keep], s)
	if last := len(list) - 1; last >= maxStreaks {
		// The shortest two become one that is as long as the longer and as
		// late as the later: that can only favour the pod.
		list[last-1].end = list[last].end
		list = slices.Clip(list[:last])
	}
	c.streaks.set(list)
}

// since is when the pod was last without sustained readiness, given that it
// started and is not ready now.
func (c *clock) since(minReady time.Duration) int64 {
	sustained := int64(max(minReady, MinSustained) / time.Second)
	since := int64(max(c.start, c.floor))
	for _, s := range c.streaks.all() {
		if s.length >= sustained {
			since = max(since, s.end)
		}
	}
	return since
}

// firstReady returns how long the pod took from start to ready, once, when that
// is seen. Of a pod that was ready at the first look it is only believed if
// the pod shows no exit and took no longer than maxCredibleStart: else its
// present readiness is probably not its first.
func (c *clock) firstReady(at time.Time, old *podStatus, next *podRecord) (time.Duration, bool) {
	if !next.ready || c.wasReady || c.start == 0 {
		return 0, false
	}
	c.wasReady = true
	took := next.credible(at, time.Duration(max(min(int64(next.readyAt), at.Unix())-int64(c.start), 0))*time.Second)
	if old == nil && (took > maxCredibleStart || next.exits() > 0) {
		return 0, false
	}
	return took, true
}

// credible bounds how long something of a pod took, by two readings of its node's clock,
// by the pod's age: that clock may have been set in between.
func (r *podRecord) credible(at time.Time, took time.Duration) time.Duration {
	if r.born == 0 {
		return took
	}
	return min(took, max(at.Sub(secondsTime(int64(r.born))), 0)+maxSkew)
}

// mayHaveBeenReady tells whether the pod has ever been ready, as far as can be
// told from its newest status. A readiness that changed after the start and is
// not there now has been there.
func (c *clock) mayHaveBeenReady(next *podStatus, unknown bool) bool {
	return unknown || c.wasReady || next.ready || c.start != 0 && next.readyAt > c.start
}
