package kubeevents

import "time"

// The bounds on what is written about one Deployment: so much at once, and then
// one in so long. They are those of Kubernetes' own components, but for the
// pause: five minutes are longer than most stories that are told here.
const (
	burst = 25
	pause = time.Minute
)

// allowance is what may still be written about a Deployment.
type allowance struct {
	left float64
	at   time.Time
}

// limiter bounds what is written about each Deployment.
type limiter struct {
	by *recent[string, allowance]
}

// allow takes one write from the allowance of a Deployment, if there is one.
func (l *limiter) allow(uid string, now time.Time) bool {
	a, known := l.by.get(uid)
	if !known {
		a = allowance{burst, now}
	}
	a.left = min(a.left+float64(now.Sub(a.at))/float64(pause), burst)
	a.at = now
	ok := a.left >= 1
	if ok {
		a.left--
	}
	l.by.put(uid, a)
	return ok
}
