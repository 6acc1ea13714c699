package app

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check/reach"
)

// slow plays until its gate opens or it is stopped.
type slow struct {
	gate chan struct{}

	mu      sync.Mutex
	playing map[string]int
	most    int
	each    int
}

func (s *slow) Play(ctx context.Context, d policy.Decision) policy.CheckResult {
	s.mu.Lock()
	s.playing[d.Workload.UID]++
	all := 0
	for _, n := range s.playing {
		all += n
	}
	s.most, s.each = max(s.most, all), max(s.each, s.playing[d.Workload.UID])
	s.mu.Unlock()
	select {
	case <-s.gate:
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.playing[d.Workload.UID]--
	return policy.CheckResult{Workload: d.Workload, DecisionID: d.ID, Check: d.Check}
}

func newSlow() *slow { return &slow{gate: make(chan struct{}), playing: map[string]int{}} }

func playOf(workload, id string) policy.Decision {
	return policy.Decision{ID: id, Kind: policy.Play, Check: "front", Workload: policy.Workload{UID: workload}}
}

// So many are played at a time, a few of them for one workload, and all of them
// are answered.
func TestChecksAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		s := newSlow()
		m := newMetrics("test")
		c := newChecks(ctx, s, m.played)
		const workloads, plays = 10, 8
		for w := range workloads {
			for p := range plays {
				c.do(playOf(fmt.Sprint(w), fmt.Sprintf("%d/%d", w, p)))
			}
		}
		synctest.Wait()
		if waiting, playing := c.load(); waiting != workloads*plays-maxPlays || playing != maxPlays {
			t.Errorf("%d wait and %d are played", waiting, playing)
		}
		close(s.gate)
		answered := map[string]bool{}
		for range workloads * plays {
			r, _ := (<-c.results).(policy.CheckResult)
			answered[r.DecisionID] = true
		}
		if len(answered) != workloads*plays || s.most > maxPlays || s.each > maxPlaysEach {
			t.Errorf("%d of %d answered, at most %d at a time, %d of one workload", len(answered), workloads*plays, s.most, s.each)
		}
		end()
		c.wait()
	})
}

// A workload whose plays hang does not keep another one waiting.
func TestWorkloadsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		s := newSlow()
		c := newChecks(ctx, s, newMetrics("test").played)
		for i := range 100 {
			c.do(playOf("hangs", fmt.Sprint(i)))
		}
		c.do(playOf("other", "o"))
		synctest.Wait()
		s.mu.Lock()
		if s.playing["other"] != 1 {
			t.Errorf("playing %v", s.playing)
		}
		s.mu.Unlock()
		end()
		c.wait()
	})
}

// What waited too long, and what does not fit, is answered all the same.
func TestLatePlaysAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		s := newSlow()
		c := newChecks(ctx, s, newMetrics("test").played)
		for i := range maxPlaysEach + maxWaitingPlays + 1 {
			c.do(playOf("w", fmt.Sprint(i)))
		}
		if r, _ := (<-c.results).(policy.CheckResult); r.Reason != "Busy" || r.DecisionID != fmt.Sprint(maxPlaysEach+maxWaitingPlays) {
			t.Errorf("one too many is answered with %+v", r)
		}
		<-time.After(2 * waitsAtMost)
		close(s.gate)
		busy := 0
		for range maxPlaysEach + maxWaitingPlays {
			if r, _ := (<-c.results).(policy.CheckResult); r.Reason == "Busy" {
				busy++
			}
		}
		if busy != maxWaitingPlays {
			t.Errorf("%d of %d that waited too long are said to have", busy, maxWaitingPlays)
		}
		end()
		c.wait()
	})
}

func TestChecksCompile(t *testing.T) {
	cfg := config.Default()
	cfg.Checks = []config.Check{{Match: config.Match{Namespaces: []string{"shop"}, Selector: "app=web"}, Every: config.Duration(time.Minute)}}
	cfg.Checks[0].Name = "front"
	s, err := settings(&cfg)
	if err != nil || len(s.Checks) != 1 {
		t.Fatalf("%+v, %v", s.Checks, err)
	}
	c := s.Checks[0]
	web := policy.LabelsOf(map[string]string{"app": "web"})
	if c.Name != "front" || c.Every != time.Minute || !c.Match("shop", web) || c.Match("pay", web) || c.Match("shop", nil) {
		t.Errorf("compiled to %+v", c)
	}
	cfg.Checks[0].Match.Selector = "a=b=c"
	if _, err := settings(&cfg); err == nil || !strings.Contains(err.Error(), "compile check front") {
		t.Errorf("a bad selector gives %v", err)
	}
}

func TestReachBy(t *testing.T) {
	for _, tt := range []struct {
		key       string
		inCluster bool
		want      reach.By
	}{
		{config.ReachAuto, true, reach.PodIP},
		{config.ReachAuto, false, reach.PortForward},
		{config.ReachPodIP, false, reach.PodIP},
		{config.ReachPortForward, true, reach.PortForward},
	} {
		cfg := config.Default()
		cfg.Reach = tt.key
		if got := reachBy(&cfg, tt.inCluster); got != tt.want {
			t.Errorf("%s, in a cluster %v: %s, want %s", tt.key, tt.inCluster, got, tt.want)
		}
	}
}
