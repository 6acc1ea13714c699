package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats/subscribe"
)

const (
	// postWithin bounds one post, answer included.
	postWithin = 15 * time.Second
	// maxText is what chats take, and a little less.
	maxText = 3000
)

// relay posts events.
type relay struct {
	to     string
	client http.Client
}

// post sends one event. What the endpoint may take later is tried again; what it
// will never take is given up.
func (r *relay) post(ctx context.Context, d subscribe.Delivery) error {
	body, err := json.Marshal(map[string]string{"text": text(d.Event)})
	if err != nil {
		return notify.Permanent(fmt.Errorf("encode message: %w", err))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.to, bytes.NewReader(body))
	if err != nil {
		return notify.Permanent(errors.New("make request: the webhook's URL is none"))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", d.ID)
	resp, err := r.client.Do(req)
	if err != nil {
		// The error names the URL, which is a secret.
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return fmt.Errorf("post event: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	// What is read to its end can be used again for the next.
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	return judge(resp, time.Now())
}

// judge says what an answer means for the event.
func judge(resp *http.Response, now time.Time) error {
	if resp.StatusCode/100 == 2 {
		return nil
	}
	err := fmt.Errorf("post event: the endpoint answers %d", resp.StatusCode)
	switch {
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout, resp.StatusCode/100 == 5:
		if wait, ok := retryAfter(resp.Header.Get("Retry-After"), now); ok {
			return subscribe.After(wait, err)
		}
		return err
	case resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden, resp.StatusCode == http.StatusNotFound:
		// The webhook may be put right: no event is lost meanwhile.
		return err
	}
	return notify.Permanent(err)
}

// retryAfter reads the header, which holds seconds or a date.
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	if s, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(s) * time.Second, true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
}

// text is the event for people.
func text(e notify.Event) string {
	d := e.Data
	mark := map[string]string{"ERROR": "🔴", "WARN": "🟠", "INFO": "🟢"}[e.SeverityText]
	noun, verb, _ := e.Kind()
	s := fmt.Sprintf("%s %s/%s %s %s: %s: %s", mark, d.Workload.Namespace, d.Workload.Name, noun, verb, d.Reason, d.Message)
	if len(d.Revision.Images) > 0 {
		s += fmt.Sprintf(" (revision %d, %s)", d.Revision.Number, d.Revision.Images[0])
	}
	if d.By != nil && d.By.FieldManager != "" {
		s += ", released by " + d.By.FieldManager
	}
	return notify.Text(s, maxText)
}
