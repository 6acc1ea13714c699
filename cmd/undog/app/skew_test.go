package app

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestApart(t *testing.T) {
	sent := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		took, date, want time.Duration
	}{
		"the same":                  {0, 0, 0},
		"rounded down":              {10 * time.Millisecond, -time.Second, 0},
		"a slow answer":             {time.Minute, 30 * time.Second, 0},
		"undog an hour ahead":       {time.Second, -time.Hour, time.Hour},
		"undog an hour behind":      {0, time.Hour, -time.Hour},
		"behind and slow to answer": {time.Minute, time.Hour, -59 * time.Minute},
	} {
		if got := apart(sent, sent.Add(c.took), sent.Add(c.date)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Each answer tells anew, and one without a date tells nothing.
func TestSkew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dated := func(at time.Time) *http.Response {
			r := turnDown(200, "")
			r.Header.Set("Date", at.UTC().Format(http.TimeFormat))
			return r
		}
		now := time.Now()
		off := new(atomic.Int64)
		s := &skew{server: &answers{dated(now.Add(-time.Hour)), turnDown(200, ""), dated(now)}, off: off}
		for i, want := range []time.Duration{time.Hour, time.Hour, 0} {
			if _, err := sendTo(t.Context(), t, s, "/a"); err != nil {
				t.Fatal(err)
			}
			if got := time.Duration(off.Load()); got != want {
				t.Errorf("answer %d: %s, want %s", i, got, want)
			}
		}
	})
}
