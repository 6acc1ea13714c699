package faults_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/faults/table"
)

// toTell is for how long after a fault a row waits for what is to be told. It
// is longer than the pause between two comparisons.
const toTell = 15 * time.Minute

// during plays a fault while releases are undone, and notes how that went.
type during struct {
	undone, of int
	late       time.Duration
}

// fault has n releases undone while a fault lasts, and fails when one was not.
func (s *stage) fault(n int, every time.Duration) during {
	s.t.Helper()
	before := s.mem.undone
	s.releases(n, every)
	d := during{undone: s.mem.undone - before, of: n, late: s.mem.late}
	if d.undone != n {
		s.t.Errorf("%d of %d undone while the fault lasted", d.undone, n)
	}
	return d
}

// told waits until the subscriber has everything, and adds the row.
func (s *stage) told(order int, fault string, d during) table.Row {
	s.t.Helper()
	row := s.received(order, fault, d)
	s.sub.wantHealed(s.mem.Owed())
	return row
}

// received is told for a stream that does not keep everything.
func (s *stage) received(order int, fault string, d during) table.Row {
	s.t.Helper()
	since := time.Now()
	want := s.mem.Owed()
	for !s.sub.has(want) && time.Since(since) < toTell {
		<-time.After(time.Second)
		s.sub.read()
	}
	caught := time.Since(since).Round(time.Second)
	// Nothing may come late either.
	s.let(toTell)
	row := count(s.t, s.sub, want)
	row.Order, row.Fault, row.Caught = order, fault, caught.String()+" (virtual)"
	row.Undone = fmt.Sprintf("%d of %d, each %s late", d.undone, d.of, d.late)
	page.Add(row)
	return row
}

func (s *subscriber) has(want []policy.Transition) bool {
	return !slices.ContainsFunc(want, func(t policy.Transition) bool { return !s.ids[t.ID] })
}

// toHeal is for how long one who comes only now may have to ask again: a server
// that joined the others a moment ago may not know yet what it missed.
const toHeal = 20 * time.Second

// wantHealed fails unless one who comes only now would get everything too.
func (s *subscriber) wantHealed(want []policy.Transition) {
	s.t.Helper()
	late := newSubscriber(s.t, s.connect)
	defer late.lose()
	for begun := time.Now(); ; late.lose() {
		late.read()
		if late.has(want) || time.Since(begun) > toHeal {
			break
		}
		<-time.After(200 * time.Millisecond)
	}
	for _, w := range want {
		if !late.ids[w.ID] {
			s.t.Errorf("the stream lacks %s of %s, of %v", w.Kind, w.Workload.Name, w.At)
		}
	}
}

// count compares what happened with what was received, and fails where they differ.
func count(t testing.TB, s *subscriber, want []policy.Transition) table.Row {
	t.Helper()
	row := table.Row{Expected: len(want), Again: s.again}
	at := map[string]time.Time{}
	for _, w := range want {
		at[w.ID] = w.At
		if s.ids[w.ID] {
			row.Received++
		} else {
			t.Errorf("missing: %s of %s, of %v", w.Kind, w.Workload.Name, w.At)
		}
	}
	last := map[string]notify.Event{}
	for _, e := range s.events {
		if _, happened := at[e.ID]; !happened {
			row.Invented++
			t.Errorf("invented: %s of %s", e.Type, e.Data.Workload.Name)
		}
		before, ok := last[e.Data.Workload.UID]
		if ok && at[before.ID].After(at[e.ID]) {
			t.Errorf("out of order: %s after %s of %s", e.Type, before.Type, e.Data.Workload.Name)
		}
		last[e.Data.Workload.UID] = e
	}
	return row
}
