package daemon_test

import (
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/undog-dev/undog/test/cluster/hold"
	"github.com/undog-dev/undog/test/cluster/stress"
)

// stressFaults are the rows.
func stressFaults() map[string]fault {
	all := map[string]fault{}
	for _, part := range []map[string]fault{busy(), broken(), watches(), replicas()} {
		maps.Copy(all, part)
	}
	return all
}

// every is each second time, third each third. Where one request after the other
// has to succeed without being made again, each second time is never.
var every, third = stress.Turns{Bad: 1, Of: 2}, stress.Turns{Bad: 1, Of: 3}

// busy are servers that ask to wait.
func busy() map[string]fault {
	second := &stress.Busy{Turns: every, After: time.Second}
	writes := &stress.Busy{Turns: every, After: 4 * time.Second, Of: ofJudgement}
	reads := &stress.Busy{Turns: every, After: 8 * time.Second, Of: func(r *stress.Request) bool { return r.Verb == "get" && r.Resource == "deployments" }}
	return map[string]fault{
		"TooManyRequests": {
			order: 10, name: "every second request is turned down with 429 and Retry-After: 1",
			faults: []stress.Fault{second}, after: neverEarly(second),
		},
		"TooManyWrites": {
			order: 11, name: "every second write is turned down with 429 and Retry-After: 4",
			faults: []stress.Fault{writes}, after: neverEarly(writes),
		},
		"TooManyReads": {
			order: 12, name: "every second look at the Deployment is turned down with 429 and Retry-After: 8",
			faults: []stress.Fault{reads}, after: neverEarly(reads),
		},
		"Slow": {
			order: 13, name: "every answer comes 300 ms late, watches 256 bytes at a time",
			faults: []stress.Fault{&stress.Slow{Answers: 300 * time.Millisecond, Pieces: 4 * time.Millisecond, Piece: 256}},
		},
		"Late": {
			order: 14, name: "watches lag 3 s behind",
			faults: []stress.Fault{&stress.Late{By: 3 * time.Second}},
		},
	}
}

// broken are servers that fail.
func broken() map[string]fault {
	reads := func(r *stress.Request) bool { return !r.Changes() }
	return map[string]fault{
		"ReadsFail": {
			order: 20, from: "start", name: "every third read and watch is answered with 500",
			faults: []stress.Fault{&stress.Broken{Turns: third, Code: http.StatusInternalServerError, Of: reads}},
		},
		"ReadsHangUp": {
			order: 21, from: "start", name: "the connection breaks at every third read and watch",
			faults: []stress.Fault{&stress.Broken{Turns: third, Of: reads}},
		},
		"WritesFailBefore": {
			order: 22, from: "start", name: "every second write is answered with 503 and not made",
			faults: []stress.Fault{&stress.Broken{Turns: every, Code: http.StatusServiceUnavailable, Of: ofJudgement}},
		},
		"WritesFailAfter": {
			order: 23, short: true, from: "start", name: "every second write is made and answered with 500",
			faults: []stress.Fault{&stress.Broken{Turns: every, Code: http.StatusInternalServerError, Done: true, Of: ofJudgement}},
		},
		"WritesHangUpBefore": {
			order: 24, from: "start", name: "the connection breaks before every second write is made",
			faults: []stress.Fault{&stress.Broken{Turns: every, Of: ofJudgement}},
		},
		"WritesHangUpAfter": {
			order: 25, from: "start", name: "the connection breaks when every second write has been made",
			faults: []stress.Fault{&stress.Broken{Turns: every, Done: true, Of: ofJudgement}},
		},
	}
}

// watches are servers that do not keep up a watch.
func watches() map[string]fault {
	var mu sync.Mutex
	var kind string
	one := &stress.Cut{Seed: 2, After: 2 << 10, Within: time.Second, Of: func(r *stress.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		return r.Resource == kind
	}}
	kinds := map[string]string{
		"start": "deployments", "bad": "pods", "good": "replicasets", "restart": "controllerrevisions", "scale": "events", "end": "nodes",
	}
	return map[string]fault{
		"Cut": {
			order: 30, short: true, name: "watches end after at most 8 KiB or 3 s, in the middle of an event or not (seed 1)",
			faults: []stress.Fault{&stress.Cut{Seed: 1, After: 8 << 10, Within: 3 * time.Second}},
		},
		"CutEachKind": {
			order: 31, name: "watches of one kind of object after the other end within a second (seed 2)",
			faults: []stress.Fault{one},
			before: func(_ *trial, step string) {
				mu.Lock()
				defer mu.Unlock()
				kind = kinds[step]
			},
		},
		"Gone": {
			order: 32, name: "410 Gone at every second watch that wants to go on, and after twelve events of each (seed 3)",
			faults: []stress.Fault{&stress.Forgetful{Turns: every, After: 12}, &stress.Cut{Seed: 3, After: 64 << 10, Within: 10 * time.Second}},
		},
		"ListExpires": {
			order: 33, name: "lists come in pages of one, the second of which is too old every other time (no streamed lists)",
			faults: []stress.Fault{&stress.Unstreamed{}, &stress.Forgetful{After: 12}, &stress.Paged{Limit: 1, Turns: every}},
		},
		"NeverComplete": {
			order: 34, name: "two of three streamed lists end before they are complete, one with an error",
			faults: []stress.Fault{&stress.Endless{Turns: stress.Turns{Bad: 2, Of: 3}}, &stress.Forgetful{After: 12}},
		},
		"Unseen": {
			order: 35, name: "the bad release comes and crashes while no watch is open, and nothing of it is told later",
			before: func(s *trial, step string) {
				if step == "bad" {
					s.gate = s.proxy.Stall()
				}
			},
			during: func(s *trial, step string) {
				if step == "bad" {
					s.restarts("crash", 3)
					s.gate.Release()
				}
			},
		},
	}
}

// ofJudgement takes the writes that judgement leads to.
func ofJudgement(r *stress.Request) bool {
	return r.Changes() && (r.Resource == "deployments" || r.Resource == "controllerrevisions")
}

// neverEarly fails when a request came again before it was welcome.
func neverEarly(b *stress.Busy) func(*testing.T) {
	return func(t *testing.T) {
		for _, key := range b.Early() {
			t.Errorf("made again before the server wanted it: %s", key)
		}
	}
}

// replicas are servers that know less than another one has shown.
func replicas() map[string]fault {
	out := map[string]fault{"KilledAtEachStep": {
		order: 50, name: "undog is killed and started again at each step of the story",
		before: func(s *trial, step string) {
			if step != "start" {
				s.again()
			}
		},
	}}
	for name, tt := range map[string]struct {
		order   int
		name    string
		short   bool
		streams bool
	}{
		"TimeTravel": {40, "undog starts again with the lists of a replica that is behind: the undone release runs and crashes there", true, false},
		"Liar":       {41, "the same, and what is streamed is as old", false, true},
	} {
		out[name] = timeTravel(tt.order, tt.name, tt.short, tt.streams)
	}
	return out
}

// timeTravel has undog start where the world is as it was when it undid the
// bad release, though a good one runs by now.
func timeTravel(order int, name string, short, streams bool) fault {
	replica := stress.NewReplica("deployments", "replicasets", "pods", "controllerrevisions")
	replica.Streams = streams
	var once sync.Once
	var moment stress.Moment
	look := stress.Func(func(r *stress.Request, server http.RoundTripper) (*http.Response, error) {
		if r.Verb == "patch" && r.Resource == "deployments" {
			once.Do(func() { moment = replica.Now() })
		}
		return server.RoundTrip(r.Request)
	})
	faults := []stress.Fault{look, replica}
	if !streams {
		faults = []stress.Fault{look, &stress.Unstreamed{}, replica}
	}
	return fault{
		order: order, short: short, name: name, faults: faults,
		before: func(s *trial, step string) {
			if step != "restart" {
				return
			}
			looks := s.proxy.Gate(s.to(http.MethodGet, app), hold.Before)
			looks.Release()
			if err := s.undog.Kill(); err != nil {
				s.t.Fatal(err)
			}
			replica.GoBack(moment)
			s.undog = s.fixture.undog(s.setup)
			s.later(behind)
			s.t.Logf("undog looked at the Deployment itself %d times", looks.Count())
			replica.CatchUp()
		},
		after: func(t *testing.T) {
			if err := replica.Close(); err != nil {
				t.Error(err)
			}
			if replica.Count() == 0 {
				t.Error("nothing old was read")
			}
		},
	}
}

// behind is how long a replica stays behind; undog decides within a second.
const behind = 6 * time.Second
