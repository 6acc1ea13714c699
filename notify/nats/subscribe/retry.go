package subscribe

import (
	"errors"
	"fmt"
	"time"
)

// After is an error after which the event is tried again when so much time has
// passed, as a server asks for that answers with Retry-After. It returns nil for nil.
func After(d time.Duration, err error) error {
	if err == nil {
		return nil
	}
	return &afterError{d, err}
}

type afterError struct {
	after time.Duration
	err   error
}

func (e *afterError) Error() string { return fmt.Sprintf("%v (again in %s)", e.err, e.after) }
func (e *afterError) Unwrap() error { return e.err }

// longestAfter bounds what After may ask for.
const longestAfter = time.Hour

// pause is how long to wait before an event is tried again.
func (o *Options) pause(err error, tries uint64) time.Duration {
	if a, ok := errors.AsType[*afterError](err); ok {
		return min(max(a.after, 0), longestAfter)
	}
	d := o.MinWait
	for i := uint64(1); i < tries && d < o.MaxWait; i++ {
		d *= 2
	}
	return min(d, o.MaxWait)
}
