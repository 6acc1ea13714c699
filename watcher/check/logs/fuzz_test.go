package logs_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/logs"
)

// FuzzLog looks twice at a log of any bytes: nothing new was written in between,
// so that the second look must find nothing.
func FuzzLog(f *testing.F) {
	f.Add("2026-03-04T05:06:08.5Z panic: x\n2026-03-04T05:06:08.5Z y\n", "")
	f.Add("2026-03-04T05:06:08+01:00 Traceback\r\nno time\n\xff\xfe", "2026-03-04T05:06:08Z panic: \x00")
	f.Fuzz(func(t *testing.T, log, before string) {
		if len(log)+len(before) > 1<<16 {
			return
		}
		n := &whole{log, before}
		c, err := logs.New(check.Check{Name: "panics", Log: &check.Log{Patterns: []string{"Traceback", "^panic:"}}}, n)
		if err != nil {
			t.Fatal(err)
		}
		p := list(pod("new", 0))
		s := c.Sample(t.Context(), start.Add(time.Minute), p, nil)
		if len(s.Result.Excerpt) > 200 || !utf8.ValidString(s.Result.Excerpt+s.Result.Message) {
			t.Errorf("told is %+v", s.Result)
		}
		if again := c.Sample(t.Context(), start.Add(time.Minute+time.Second), p, nil); again.NewFailed > 0 {
			t.Errorf("counted twice: %q", log)
		}
	})
}

// whole gives the same log each time, as a node does within one second.
type whole struct{ log, before string }

func (w *whole) Open(_ context.Context, r logs.Request) (io.ReadCloser, error) {
	if r.Previous {
		return io.NopCloser(strings.NewReader(w.before)), nil
	}
	return io.NopCloser(strings.NewReader(w.log)), nil
}
