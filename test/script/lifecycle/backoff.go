package lifecycle

import (
	"time"

	"github.com/undog-dev/undog/test/script"
)

// backoff mirrors flowcontrol.Backoff of client-go for a single key.
type backoff struct {
	wait    time.Duration
	updated time.Time
}

// active reports whether the wait that began at the event is still running.
func (b *backoff) active(config script.BackOff, event, now time.Time) bool {
	if b.wait == 0 || b.expired(config, event) {
		return false
	}
	return now.Sub(event) < b.wait
}

// next moves to the next wait.
func (b *backoff) next(config script.BackOff, event, now time.Time) {
	if b.wait == 0 || b.expired(config, event) {
		b.wait = config.Base.Duration
	} else {
		b.wait = min(2*b.wait, config.Max.Duration)
	}
	b.updated = now
}

func (b *backoff) expired(config script.BackOff, event time.Time) bool {
	return event.Sub(b.updated) > 2*config.Max.Duration
}
