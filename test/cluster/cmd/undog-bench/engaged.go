package main

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify"
)

// goodBraked is how many good releases are made while the brake is on.
const goodBraked = 5

// listen tells when the event that the brake is on was received.
func (b *bench) listen(ctx context.Context) (engaged <-chan time.Time, stop func(), err error) {
	conn, err := nats.Connect(b.undog.NATSURL)
	if err != nil {
		return nil, nil, fmt.Errorf("subscribe to the brake: %w", err)
	}
	at := make(chan time.Time, 1)
	_, err = conn.Subscribe(notify.SubjectPrefix+".*.*.*.*.brake.engaged", func(*nats.Msg) {
		select {
		case at <- time.Now():
		default: // It is the first that counts.
		}
	})
	if err == nil {
		err = conn.FlushWithContext(ctx)
	}
	if err != nil {
		conn.Close()
		return nil, nil, fmt.Errorf("subscribe to the brake: %w", err)
	}
	return at, conn.Close, nil
}

// proven releases something good to a few Deployments while the brake is on, and
// waits until undog has found it good: only undos are held.
func (b *bench) proven(ctx context.Context) error {
	const good = `undog_transitions_total{kind="verdict.good"`
	c := b.imitation()
	was, err := take(ctx, b.undog)
	if err != nil {
		return err
	}
	say("%d good releases", goodBraked)
	if err := c.ReleaseGood(ctx, goodBraked); err != nil {
		return err
	}
	for b.BrakedGood < goodBraked {
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return fmt.Errorf("wait until %d good releases are found good, as %d are: %w", goodBraked, b.BrakedGood, err)
		}
		is, err := take(ctx, b.undog)
		if err != nil {
			return err
		}
		b.BrakedGood = int(is.sum(good) - was.sum(good))
	}
	return nil
}
