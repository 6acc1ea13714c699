package app

import (
	"net/http"
	"sync/atomic"
	"time"
)

// skew is how far undog's clock and the API server's are apart, as the last
// answer shows. What undog judges by are times by the clocks of others: while
// its own is wrong, a pod that has just started seems to have failed for long.
type skew struct {
	server http.RoundTripper
	off    *atomic.Int64
}

// slack is how much whole seconds and a slow network explain.
const slack = 2 * time.Second

// RoundTrip implements http.RoundTripper.
func (s *skew) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := time.Now()
	resp, err := s.server.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if date, parsed := http.ParseTime(resp.Header.Get("Date")); parsed == nil {
		s.off.Store(int64(apart(sent, time.Now(), date)))
	}
	return resp, nil
}

// apart is how far a server's clock is from when it must have answered: the
// times are compared as people read them, since it is those that jump.
func apart(sent, received, date time.Time) time.Duration {
	sent, received = sent.Round(0), received.Round(0)
	switch {
	case date.Before(sent.Add(-slack)):
		return sent.Sub(date)
	case date.After(received.Add(slack)):
		return received.Sub(date)
	}
	return 0
}
