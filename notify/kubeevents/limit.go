package kubeevents

import "time"

// The bounds on what is written about one Deployment: so much at once, and then
// one in so long. They are those of Kubernetes' own components, but for the
// pause: five minutes are longer than most stories that are told here.
const (
	burst = 25
	pause = time.Minute
)

// ahead is how far a stamp may be ahead of what it is of.
const ahead = 5 * time.Second

// allowance is what may still be written about a Deployment.
type allowance struct {
	left float64
	at   time.Time
	// stamp is the newest one that was given.
	stamp time.Time
}

// limiter bounds what is written about each Deployment.
type limiter struct {
	by *recent[string, allowance]
}

// allow takes one write from the allowance of a Deployment, if there is one. The
// stamp is when the Event happened, in whole seconds, and put forward by some where
// there is an Event of that second: kubectl describe sorts by it, and shuffles what
// is equal.
func (l *limiter) allow(uid string, happened, now time.Time) (stamp time.Time, ok bool) {
	l.by.forget(func(a allowance) bool { return now.Sub(a.at) >= burst*pause })
	a, known := l.by.get(uid)
	if !known {
		a = allowance{left: burst, at: now}
	}
	a.left = min(a.left+float64(now.Sub(a.at))/float64(pause), burst)
	a.at = now
	stamp = happened.Truncate(time.Second)
	if next := a.stamp.Add(time.Second); next.After(stamp) && next.Sub(happened) <= ahead {
		stamp = next
	}
	if ok = a.left >= 1; ok {
		a.left--
		a.stamp = stamp
	}
	l.by.put(uid, a)
	return stamp, ok
}
