package app

import (
	"time"

	"github.com/undog-dev/undog/policy"
)

// contactGrace is how long a watch may be broken without anybody being told: a
// server that restarts, or one of several that goes away, breaks all of them.
const contactGrace = 3 * time.Second

// checkContact tells the engine when what undog sees of the cluster may be old,
// and when it no longer is.
func (l *loop) checkContact(now, wakeAt time.Time) time.Time {
	if l.lost == nil {
		return wakeAt
	}
	lost := l.lost(now)
	if l.contact.IsZero() && now.Sub(lost) < contactGrace {
		lost = time.Time{}
	}
	if lost.Equal(l.contact) {
		return wakeAt
	}
	switch {
	case l.contact.IsZero():
		l.log.Warn("contact with the API server is lost; nothing is decided on what may be old", "since", lost.UTC())
	case lost.IsZero():
		l.log.Info("contact with the API server is back", "lostFor", now.Sub(l.contact).Round(time.Second).String())
	}
	l.contact = lost
	return l.step(policy.Contact{At: now, Lost: lost}).WakeAt
}
