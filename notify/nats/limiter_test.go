package nats

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimiterLogsTheSameOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := newLimiter(slog.New(slog.NewTextHandler(&out, nil)))
		for range 3 * 60 {
			l.warn("down", "err", "x")
			<-time.After(time.Second)
		}
		l.warn("other")
		if got := out.String(); strings.Count(got, "msg=down") != 3 || strings.Count(got, "leftOut=59") != 2 || strings.Count(got, "msg=other") != 1 {
			t.Errorf("logged:\n%s", got)
		}
	})
}
