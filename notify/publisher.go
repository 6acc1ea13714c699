package notify

import (
	"context"
	"errors"
	"time"
)

// Publisher delivers events. Publish returns nil only when the event is stored
// for good, also when it had been stored before. After any other error the
// event may be stored or not, and is to be published again with the same id,
// unless the error is permanent.
type Publisher interface {
	Publish(ctx context.Context, e Event) error
}

// PermanentError marks an error that publishing again cannot mend.
type PermanentError struct{ Err error }

// Error is the text of the error within.
func (e *PermanentError) Error() string { return e.Err.Error() }

// Unwrap returns the error within.
func (e *PermanentError) Unwrap() error { return e.Err }

// Permanent marks an error as one that publishing again cannot mend. It
// returns nil for nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &PermanentError{Err: err}
}

// IsPermanent tells whether an error was marked by Permanent.
func IsPermanent(err error) bool {
	var p *PermanentError
	return errors.As(err, &p)
}

// Holding is what a stream holds, in numbers: enough to notice that it lost
// what it had, without reading it.
type Holding struct {
	// Created is when the stream was made.
	Created time.Time
	// Events is how many it holds, Last the number of the last one that it
	// ever got, and Oldest when it got the first that it still holds.
	Events, Last uint64
	Oldest       time.Time
	// Evicts says that a limit of its own may make it let go of events that it
	// should still hold.
	Evicts bool
}
