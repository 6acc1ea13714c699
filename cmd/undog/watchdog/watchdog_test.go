package watchdog_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/cmd/undog/watchdog"
)

// TestStallIsToldOnce stalls a goroutine for real, twice, beside one that turns.
func TestStallIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log syncBuffer
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		var turned, busy atomic.Int64
		since := func(at *atomic.Int64, in string) func(time.Time) (time.Time, string) {
			return func(time.Time) (time.Time, string) {
				if n := at.Load(); n != 0 {
					return time.Unix(0, n), in
				}
				return time.Time{}, ""
			}
		}
		dog := watchdog.New(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			watchdog.Beat{Component: "loop", After: 30 * time.Second, Restart: true, Since: since(&turned, "a step")},
			watchdog.Beat{Component: "writer", After: time.Minute, Since: since(&busy, "a write")},
		)
		go dog.Run(ctx)
		hold := make(chan struct{})
		go func() {
			for ctx.Err() == nil {
				turned.Store(time.Now().UnixNano())
				select {
				case <-ctx.Done():
				case <-time.After(time.Second):
				case hold <- struct{}{}:
					<-hold
				}
			}
		}()
		pass := func(d time.Duration) {
			<-time.After(d)
			synctest.Wait()
		}
		pass(time.Hour)
		if log.String() != "" {
			t.Fatalf("of a loop that turns, and of a writer without work, was said:\n%s", log.String())
		}
		for n := 1; n <= 2; n++ {
			<-hold
			pass(10 * time.Minute)
			got := dog.Look(time.Now())
			if !got[0].Stalled || got[0].For < 10*time.Minute || got[0].StuckIn != "a step" || got[1].Stalled {
				t.Errorf("stand: %+v", got)
			}
			if dog.Stalls("loop") != uint64(n) || dog.Stalls("writer") != 0 {
				t.Errorf("counted %d stalls of the loop, %d of the writer", dog.Stalls("loop"), dog.Stalls("writer"))
			}
			hold <- struct{}{}
			pass(10 * time.Second)
			if got := dog.Look(time.Now()); got[0].Stalled {
				t.Errorf("stand after it went on: %+v", got)
			}
		}
		for text, want := range map[string]int{
			`msg="makes no progress" stalled=loop for=3`: 2, `reason="a step" restartHelps=true`: 2, `msg="makes progress again" stalled=loop`: 2,
			"goroutine ": 2, "TestStallIsToldOnce": 2,
		} {
			if n := strings.Count(log.String(), text); n < want || strings.HasPrefix(text, "msg") && n > want {
				t.Errorf("the log has %q %d times, want %d:\n%s", text, n, want, log.String())
			}
		}
	})
}

// syncBuffer is a log that several goroutines use.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
