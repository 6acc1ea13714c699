package rollback

import (
	"fmt"
	"time"

	"github.com/undog-dev/undog/policy"
)

// maxClockOff is how far the clock may be off, and how far in the future a
// decision may have been made.
const maxClockOff = 10 * time.Second

// ClockOff is the reason when this undog's clock is wrong, or was when it decided.
const ClockOff = "ClockOff"

// clockHolds lets pass what was decided while the clock was right; nil lets it
// pass. Call it when something has just been read: that shows how the clock is.
func (e *Executor) clockHolds(d policy.Decision) *ending {
	if e.opts.ClockOff != nil {
		if off := e.opts.ClockOff(); off.Abs() > maxClockOff {
			return &ending{result: policy.Failed, reason: ClockOff, message: fmt.Sprintf(
				"undog's clock is off by %s, or has just been set by that: nothing is decided until it agrees with the API server's", off.Round(time.Second))}
		}
	}
	if early := d.Record.At.Sub(e.opts.Now()); early > maxClockOff {
		return &ending{result: policy.Failed, reason: ClockOff, message: fmt.Sprintf(
			"undog's clock was ahead by %s when this was decided", early.Round(time.Second))}
	}
	return nil
}
