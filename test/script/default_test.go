package script_test

import (
	"testing"
	"time"

	"github.com/undog-dev/undog/test/script"
)

func TestRunsFollowTheExits(t *testing.T) {
	t.Parallel()
	code := func(c int32) *int32 { return &c }
	exits := []script.Exit{{Code: code(1), Times: 2}, {Code: code(2)}}
	for then, want := range map[script.Then][]int32{
		"":                {1, 1, 2, 1, 1, 2},
		script.ThenRepeat: {1, 1, 2, 1, 1, 2},
		script.ThenRun:    {1, 1, 2, -1, -1, -1},
		script.ThenHang:   {1, 1, 2, -1, -1, -1},
	} {
		play := script.Play{Exits: exits, Then: then}
		for n, code := range want {
			got := int32(-1)
			if exit := play.Run(n); exit != nil {
				got, _ = exit.Status()
			}
			if got != code {
				t.Errorf("then %q: run %d exits with %d, want %d", then, n, got, code)
			}
		}
	}
	if exit := (&script.Play{}).Run(0); exit != nil {
		t.Errorf("a play without exits exits: %+v", exit)
	}
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	zero := int32(0)
	for _, c := range []struct {
		exit   script.Exit
		code   int32
		reason string
	}{
		{script.Exit{}, 1, "Error"},
		{script.Exit{Code: &zero}, 0, "Completed"},
		{script.Exit{Reason: "OOMKilled"}, 137, "OOMKilled"},
		{script.Exit{Probe: script.ProbeLiveness}, 137, "Error"},
	} {
		if code, reason := c.exit.Status(); code != c.code || reason != c.reason {
			t.Errorf("%+v: %d %s, want %d %s", c.exit, code, reason, c.code, c.reason)
		}
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	s := time.Second
	flips := []script.Flip{{At: script.For(s), Ready: true}, {At: script.For(3 * s)}}
	for name, c := range map[string]struct {
		ready *script.Ready
		since time.Duration
		want  bool
		next  time.Duration
	}{
		"default before":  {nil, 0, false, 500 * time.Millisecond},
		"default after":   {nil, s, true, 0},
		"never":           {&script.Ready{Never: true}, time.Hour, false, 0},
		"at once":         {&script.Ready{}, 0, true, 0},
		"before a flip":   {&script.Ready{Flips: flips}, 0, false, s},
		"between flips":   {&script.Ready{Flips: flips}, 2 * s, true, 3 * s},
		"after the flips": {&script.Ready{Flips: flips}, 9 * s, false, 0},
		"second round":    {&script.Ready{Flips: flips, Loop: script.For(4 * s)}, 5 * s, true, 7 * s},
		"end of a round":  {&script.Ready{Flips: flips, Loop: script.For(4 * s)}, 7 * s, false, 9 * s},
	} {
		if got, next := c.ready.At(c.since); got != c.want || next != c.next {
			t.Errorf("%s: %v, next %v; want %v, next %v", name, got, next, c.want, c.next)
		}
	}
}

// TestPullMessages pins the words that a classifier of failures reads.
func TestPullMessages(t *testing.T) {
	t.Parallel()
	const prefix = `failed to pull and unpack image "r/i:1": failed to resolve reference "r/i:1": `
	for cause, want := range map[script.Cause]string{
		"":                       "rpc error: code = NotFound desc = " + prefix + "r/i:1: not found",
		script.CauseUnauthorized: "rpc error: code = Unknown desc = " + prefix + "pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials",
		script.CauseRateLimited:  "rpc error: code = Unknown desc = " + prefix + "unexpected status from HEAD request to the registry: 429 Too Many Requests",
		script.CauseTimeout:      "rpc error: code = DeadlineExceeded desc = " + prefix + "failed to do request: net/http: TLS handshake timeout",
	} {
		fail := script.Fail{Reason: "ErrImagePull", Cause: cause}
		if got := fail.Text("r/i:1", nil); got != want {
			t.Errorf("%q says\n%s, want\n%s", cause, got, want)
		}
	}
}
