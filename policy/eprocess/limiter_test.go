package eprocess_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy/eprocess"
)

func TestLimiter(t *testing.T) {
	type try struct {
		pod, node string
		at        time.Duration
		want      bool
	}
	wide := eprocess.Limiter{PerPod: 2, PodWindow: 5 * time.Minute}
	for name, c := range map[string]struct {
		limiter eprocess.Limiter
		tries   []try
	}{
		"a pod counts once": {eprocess.Limiter{}, []try{
			{"a", "n1", 0, true},
			{"a", "n1", time.Hour, false},
			{"a", "n2", 23 * time.Hour, false},
			{"a", "n1", 24 * time.Hour, true},
		}},
		"a node counts once per gap": {eprocess.Limiter{}, []try{
			{"a", "n1", 0, true},
			{"b", "n1", time.Second, false},
			{"c", "n2", time.Second, true},
			{"b", "n1", 30*time.Second - time.Millisecond, false},
			{"b", "n1", 30 * time.Second, true},
		}},
		"what did not count closes nothing": {eprocess.Limiter{}, []try{
			{"a", "n1", 0, true},
			{"b", "n1", 29 * time.Second, false},
			{"b", "n1", 31 * time.Second, true},
		}},
		"own limits": {wide, []try{
			{"a", "n1", 0, true},
			{"a", "n1", time.Minute, true},
			{"a", "n1", 2 * time.Minute, false},
			{"a", "n1", 5 * time.Minute, true},
			{"a", "n1", 6*time.Minute - time.Second, false},
			{"a", "n1", 6 * time.Minute, true},
		}},
		"time steps back": {eprocess.Limiter{}, []try{
			{"a", "n1", time.Hour, true},
			{"a", "n2", 0, false},
			{"b", "n1", 0, false},
			{"b", "n2", 0, true},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			l := c.limiter
			for i, x := range c.tries {
				before := l
				if open := l.Open(x.pod, x.node, epoch.Add(x.at)); open != x.want || l != before {
					t.Errorf("%d: open %v, want %v and nothing changed", i, open, x.want)
				}
				if got := l.Allow(x.pod, x.node, epoch.Add(x.at)); got != x.want {
					t.Errorf("%d: allowed %v, want %v", i, got, x.want)
				}
			}
		})
	}
}

// TestLimiterForgets: a crowd larger than its memory goes on being counted,
// oldest forgotten first.
func TestLimiterForgets(t *testing.T) {
	var l eprocess.Limiter
	for i := range 1000 {
		at := epoch.Add(time.Duration(i) * time.Second)
		if !l.Allow(fmt.Sprint("pod-", i), fmt.Sprint("node-", i), at) {
			t.Fatalf("pod %d was held back", i)
		}
	}
	at := epoch.Add(1000 * time.Second)
	if l.Open("pod-999", "elsewhere", at) || l.Open("pod-940", "elsewhere", at) {
		t.Error("a pod that counted lately must be held back")
	}
	if !l.Open("pod-900", "elsewhere", at) {
		t.Error("a pod that counted 99 events ago must be open again")
	}
}

// TestLimiterDamaged: nonsense must not crash.
func TestLimiterDamaged(t *testing.T) {
	for _, data := range []string{`{"marks":[` + strings.Repeat(`{},`, 64) + `{}]}`, `{"marks":3}`} {
		l := eprocess.Limiter{PerPod: 3}
		if err := json.Unmarshal([]byte(data), &l); err == nil || l != (eprocess.Limiter{PerPod: 3}) {
			t.Errorf("%.20s: error %v and %+v, want an error and nothing changed", data, err, l)
		}
	}
	for _, used := range []int{-5, 1 << 40} {
		l := eprocess.Limiter{Used: used, PerPod: -1, PodWindow: -1, NodeGap: -1}
		if !l.Allow("a", "n", epoch) || l.Allow("a", "m", epoch) {
			t.Errorf("used %d: the limits do not hold", used)
		}
	}
}

func TestWeigh(t *testing.T) {
	for name, c := range map[string]struct {
		nodes []eprocess.Node
		share float64 // of new
	}{
		"side by side":           {[]eprocess.Node{{New: 1, Old: 1}, {New: 1, Old: 1}}, 0.5},
		"few new, on own nodes":  {[]eprocess.Node{{New: 1}, {New: 1}, {Old: 10}, {Old: 10}}, 0.5},
		"many new, on one node":  {[]eprocess.Node{{New: 9}, {Old: 1}, {Old: 1}, {Old: 1}}, 0.75},
		"empty nodes do not say": {[]eprocess.Node{{}, {}, {New: 1, Old: 3}}, 0.25},
		"nor impossible ones":    {[]eprocess.Node{{New: -4, Old: 9}, {New: 9, Old: -4}, {New: 1, Old: 3}}, 0.25},
		"no old":                 {[]eprocess.Node{{New: 2}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			n, o := eprocess.Weigh(c.nodes)
			near(t, n/(n+o), c.share, 1e-12)
		})
	}
	if n, o := eprocess.Weigh(nil); n != 0 || o != 0 {
		t.Errorf("no nodes: %v and %v, want nothing", n, o)
	}
}
