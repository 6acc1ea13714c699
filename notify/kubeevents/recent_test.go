package kubeevents

import (
	"fmt"
	"testing"
	"time"
)

func TestRecentForgets(t *testing.T) {
	r := newRecent[string, int](3)
	for i, k := range []string{"a", "b", "c", "d"} {
		r.put(k, i)
	}
	if _, ok := r.get("a"); ok || r.order.Len() != 3 {
		t.Errorf("%d are kept, and a %t; want 3 without it", r.order.Len(), ok)
	}
	r.get("b")
	r.forget(func(v int) bool { return v <= 2 })
	if _, ok := r.get("d"); !ok || len(r.at) != 2 || r.order.Len() != 2 {
		t.Errorf("%v are kept, want b, which was asked for last, and d", r.at)
	}
	r.forget(func(int) bool { return true })
	if len(r.at) != 0 || r.order.Len() != 0 {
		t.Errorf("%d are kept of what is useless", len(r.at))
	}
}

// TestAllowancesAreForgotten has many Deployments come and go: what is full again is as
// good as unknown.
func TestAllowancesAreForgotten(t *testing.T) {
	l := limiter{newRecent[string, allowance](maxRemembered)}
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	const everySoOften = 10 * time.Second
	for i := range 1000 {
		l.allow(fmt.Sprint(i), now, now)
		now = now.Add(everySoOften)
	}
	if n, want := len(l.by.at), int(burst*pause/everySoOften); n > want {
		t.Errorf("the allowances of %d Deployments are kept, want those of the last %s: %d", n, burst*pause, want)
	}
}
