package nats

import (
	"context"
	"errors"
	"fmt"

	natsgo "github.com/nats-io/nats.go"
)

// ErrNobody says that nobody listens at the subject of a request, or that
// whoever does gave no answer.
var ErrNobody = errors.New("nobody answers")

// Request asks whoever serves the subject, and waits for the answer until ctx
// ends. It makes one try.
func (c *Client) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	if !c.online.Load() {
		return nil, fmt.Errorf("ask %s: %w", subject, c.notConnected(nil))
	}
	answer, err := c.nc.RequestWithContext(ctx, subject, data)
	switch {
	case err == nil:
		return answer.Data, nil
	case errors.Is(err, natsgo.ErrNoResponders):
		return nil, fmt.Errorf("ask %s at %s: %w: nobody listens", subject, c.url, ErrNobody)
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("ask %s at %s: %w in time%s", subject, c.url, ErrNobody, c.refusal())
	}
	return nil, fmt.Errorf("ask %s at %s: %w", subject, c.url, err)
}

// refusal is what the server said meanwhile: it refuses what the user may not
// do beside the answer, not with it.
func (c *Client) refusal() string {
	if err := c.Status().LastError; err != nil {
		return fmt.Sprintf(" (the server says: %v)", err)
	}
	return ""
}
