package nats

import (
	"context"
	"fmt"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A server is left after two requests without an answer, and the next one is
// stayed with for longer each time, until an event was stored.
func TestStaysLongerEachTime(t *testing.T) {
	var e elsewhere
	now := time.Unix(0, 0)
	var left []time.Duration
	for range 4000 {
		if e.leave(now) {
			left = append(left, now.Sub(time.Unix(0, 0)))
		}
		now = now.Add(time.Second)
	}
	for i := 1; i < len(left); i++ {
		want := min(minStay<<(i-1), maxStay)
		if got := left[i] - left[i-1]; got < want {
			t.Errorf("left server %d after %v, want no sooner than after %v", i, got, want)
		}
	}
	if len(left) < 10 {
		t.Errorf("left %d servers", len(left))
	}
	e.leave(now)
	e.answered(true)
	if e.leave(now) || !e.leave(now) {
		t.Error("want it left after the second request without an answer, not after the first")
	}
}

func TestUnanswered(t *testing.T) {
	for want, errs := range map[bool][]error{
		true: {
			context.DeadlineExceeded, natsgo.ErrNoResponders, jetstream.ErrNoStreamResponse, jetstream.ErrJetStreamNotEnabled,
			&jetstream.APIError{ErrorCode: codeUnavailable}, &jetstream.APIError{ErrorCode: codeInProcess},
		},
		false: {
			jetstream.ErrStreamNotFound, natsgo.ErrMaxPayload, context.Canceled,
			&StreamError{Stream: StreamName}, &jetstream.APIError{ErrorCode: codeTooLarge},
		},
	} {
		for _, err := range errs {
			if got := unanswered(fmt.Errorf("publish: %w", err)); got != want {
				t.Errorf("%v: %v", err, got)
			}
		}
	}
}
