package events_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/cmd/undog/events"
	"github.com/undog-dev/undog/notify"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)

// happened is one event of a rollout.
func happened(rollout, id, cause, noun, verb string, after time.Duration, severity notify.Severity, message string) notify.Event {
	e := notify.New(noun, verb, id, noon.Add(after), severity, notify.Data{
		Cluster: "demo", Workload: notify.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "u"},
		Reason: "CrashLoop", Message: message,
		Revision: notify.Revision{UID: rollout, Name: "web-" + rollout, Number: 2, Images: []string{"web:1.1"}},
	})
	e.CorrelationID, e.CausationID = rollout, cause
	return e
}

// TestTimeline stores events late and in disorder, as healing does.
func TestTimeline(t *testing.T) {
	url, c := start(t)
	started := happened("a", "1", "", "rollout", "started", 0, notify.Info, "revision 2 is being rolled out\x1b[2J")
	started.Data.By = &notify.Author{FieldManager: "helm", Tool: "Helm"}
	bad := happened("a", "2", "", "verdict", "bad", 13*time.Second, notify.Error, "it exits")
	bad.Data.Captured = []notify.Captured{{
		Pod: "web-a-1", Container: "app", State: "exited with code 1", Lines: append(make([]string, 3), strings.Split("abcdefghij", "")...), Left: 2,
	}}
	publish(t, c,
		happened("b", "9", "", "rollout", "started", time.Hour, notify.Info, "another"),
		happened("a", "3", "2", "rollback", "done", 13*time.Second, notify.Warn, "back to revision 1"),
		bad,
		happened("a", "4", "3", "rollout", "recovered", 2*time.Minute, notify.Info, "all is well"),
		started,
	)
	var out bytes.Buffer
	if err := events.Run(within(t), events.Options{URL: url, Timeline: true, Out: &out}); err != nil {
		t.Fatal(err)
	}
	want := `shop/web  revision 2 (web-a) web:1.1  released by helm (Helm)
  2026-11-22 12:00:00  rollout.started        revision 2 is being rolled out [2J
              +13.0 s  verdict.bad            CrashLoop: it exits
                       web-a-1, container app: exited with code 1
                         last lines of its log:
                         (5 before these are left out)
                         | a
                         | b
                         | c
                         | d
                         | e
                         | f
                         | g
                         | h
                         | i
                         | j
              +13.0 s  ↳ rollback.done        CrashLoop: back to revision 1
               +2 min  ↳ rollout.recovered    all is well

shop/web  revision 2 (web-b) web:1.1
  2026-11-22 13:00:00  rollout.started        another
`
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
	out.Reset()
	if err := events.Run(within(t), events.Options{URL: url, Timeline: true, Namespace: "stock", Out: &out}); err != nil || out.String() != "no events\n" {
		t.Errorf("got %q, error %v", out.String(), err)
	}
}

// TestFollowUntil ends by itself.
func TestFollowUntil(t *testing.T) {
	url, c := start(t)
	publish(t, c, example())
	ctx, cancel := context.WithTimeout(within(t), 50*time.Second)
	defer cancel()
	var out bytes.Buffer
	if err := events.Run(ctx, events.Options{URL: url, Follow: true, Until: time.Now().Add(time.Second), Output: events.JSON, Out: &out}); err != nil || ctx.Err() != nil {
		t.Errorf("error %v, the test's time is up: %v", err, ctx.Err())
	}
	if e, err := notify.Decode(out.Bytes()); err != nil || e.ID != "id-1" {
		t.Errorf("got %q, error %v", out.String(), err)
	}
}

func TestParseTime(t *testing.T) {
	for in, want := range map[string]time.Time{
		"": {}, "0": {}, "0s": noon, "90m": noon.Add(-90 * time.Minute), "7d": noon.Add(-7 * 24 * time.Hour),
		"2026-11-22T10:00:00+02:00": time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC),
	} {
		got, err := events.ParseTime(in, noon)
		if err != nil || !got.Equal(want) {
			t.Errorf("%q: got %v, error %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"yesterday", "-1h", "2h30", "-3d", "2026-11-22", "99999999d"} {
		if got, err := events.ParseTime(in, noon); err == nil {
			t.Errorf("%q: got %v, want an error", in, got)
		} else {
			t.Log(err)
		}
	}
}
