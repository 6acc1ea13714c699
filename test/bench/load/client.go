package load

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Client tells a World in another process what is to happen.
type Client struct{ URL string }

// Churn replaces pods with so many pod events a second from now on.
func (c Client) Churn(ctx context.Context, perSecond int) error {
	return c.churn(ctx, perSecond, "")
}

// ChurnLargest replaces pods of the largest Deployment alone.
func (c Client) ChurnLargest(ctx context.Context, perSecond int) error {
	return c.churn(ctx, perSecond, ofLargest)
}

// CrashLoop has the pods that crash do so, and replaces none.
func (c Client) CrashLoop(ctx context.Context, perSecond int) error {
	return c.churn(ctx, perSecond, ofCrashing)
}

func (c Client) churn(ctx context.Context, perSecond int, of string) error {
	_, err := c.do(ctx, http.MethodPost, "/churn?"+url.Values{"rate": {strconv.Itoa(perSecond)}, "of": {of}}.Encode())
	return err
}

// Release begins n bad releases, one every so often.
func (c Client) Release(ctx context.Context, n int, every time.Duration) error {
	return c.ReleaseAs(ctx, "", n, every)
}

// ReleaseAs does so under a name that State tells.
func (c Client) ReleaseAs(ctx context.Context, as string, n int, every time.Duration) error {
	_, err := c.do(ctx, http.MethodPost, "/release?"+url.Values{"n": {strconv.Itoa(n)}, "every": {every.String()}, "as": {as}}.Encode())
	return err
}

// ReleaseGood begins n releases at once that do well.
func (c Client) ReleaseGood(ctx context.Context, n int) error {
	_, err := c.do(ctx, http.MethodPost, "/good?"+url.Values{"n": {strconv.Itoa(n)}}.Encode())
	return err
}

// State says how it stands.
func (c Client) State(ctx context.Context) (State, error) {
	var s State
	raw, err := c.do(ctx, http.MethodGet, "/state")
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("decode the state of the load: %w", err)
	}
	if s.Err != "" {
		return s, fmt.Errorf("the load went wrong: %s", s.Err)
	}
	return s, nil
}

func (c Client) do(ctx context.Context, method, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask the load for %s: %w", path, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the load for %s: %w", path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask the load for %s: %s %s (%w)", path, resp.Status, raw, err)
	}
	return raw, nil
}
