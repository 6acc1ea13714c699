package kubeevents

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
)

// Every kind of event of a workload has words, and the page lists them.
func TestEveryKindIsTold(t *testing.T) {
	page, err := os.ReadFile("../../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range notify.Kinds() {
		tr := happened(policy.TransitionKind(k.Name()), "00ff00ff", 0)
		e, told := event(&tr, "undog-0")
		if nobodys := k.Noun == "brake" || k.Noun == "leader" || k.Noun == "config"; told == nobodys {
			t.Errorf("%s is told: %v", k.Name(), told)
		}
		if !told {
			continue
		}
		if row := fmt.Sprintf("| `%s` | `%s` | %s |\n", k.Name(), e.Reason, e.Type); !strings.Contains(string(page), row) {
			t.Errorf("docs/events.md has no row %s", row)
		}
		if !strings.Contains(e.Message, "web-66d9f7c5b8") || !strings.HasSuffix(e.Message, ": CrashLoop") || strings.Contains(e.Message, "times") {
			t.Errorf("%s says %q", k.Name(), e.Message)
		}
	}
}

// Names sort by time, and what happens at once by its place in a rollout's life.
func TestNamesSort(t *testing.T) {
	var names []string
	for _, tr := range []policy.Transition{
		happened(policy.RolloutSuspect, "ff", 0), happened(policy.VerdictBad, "ee", 0), happened(policy.RollbackDone, "dd", 0),
		happened(policy.RolloutStarted, "cc", time.Nanosecond), happened(policy.VerdictGood, "bb", 300*24*time.Hour),
	} {
		names = append(names, name(&tr))
	}
	if !slices.IsSorted(names) {
		t.Errorf("names are not in order: %q", names)
	}
	long := happened(policy.VerdictBad, strings.Repeat("a", 32), 0)
	long.Workload.Name = strings.Repeat("a", 220) + strings.Repeat(".b", 16)
	if n := name(&long); len(n) > maxName || strings.Contains(n, "..") || n == name(&policy.Transition{}) {
		t.Errorf("name of %d bytes: %s", len(n), n)
	}
}

func TestReasonsAreWords(t *testing.T) {
	tr := happened(policy.VerdictBad, "1", 0)
	for reason, want := range map[string]string{
		"CrashLoop": "web-66d9f7c5b8 is bad: CrashLoop", "": "web-66d9f7c5b8 is bad",
		"exit 3\x1b[31m": "web-66d9f7c5b8 is bad", strings.Repeat("A", 65): "web-66d9f7c5b8 is bad",
	} {
		tr.Reason = reason
		if e, _ := event(&tr, ""); e.Message != want || e.ReportingInstance == "" {
			t.Errorf("reason %q: got %q by %q", reason, e.Message, e.ReportingInstance)
		}
	}
}

// The same that happens again is counted, and what only looks alike is not.
func TestSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		r, _, end := start(t, k, 0)
		r.Add(happened(policy.RolloutSuspect, "1", 0), happened(policy.RolloutSuspect, "1", 0))
		r.Add(happened(policy.VerdictBad, "2", 0), happened(policy.RolloutSuspect, "3", 5*time.Minute), happened(policy.RolloutSuspect, "4", 10*time.Minute))
		end()
		all := k.all(t)
		e := all["RolloutSuspect"]
		if e.Series == nil || e.Series.Count != 3 || e.Count != 3 || !e.Series.LastObservedTime.Time.Equal(noon.Add(10*time.Minute)) {
			t.Errorf("three suspicions are told as %+v, count %d", e.Series, e.Count)
		}
		if e := all["RevisionConvicted"]; e.Series != nil || e.Count != 1 {
			t.Errorf("one verdict is told as %+v, count %d", e.Series, e.Count)
		}
		if s := r.Stats(); s.Written != 2 || s.Repeated != 2 || s.Dropped+s.Limited+s.Failed != 0 {
			t.Errorf("counted %+v", s)
		}
	})
}

// A series ends when nothing happened for a while, or when its Event is gone.
func TestSeriesEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		r, _, end := start(t, k, 0)
		r.Add(happened(policy.RolloutSuspect, "1", 0), happened(policy.RolloutSuspect, "2", open+time.Second))
		synctest.Wait()
		k.mu.Lock()
		if len(k.kept) != 2 {
			t.Errorf("there are %d Events, want two", len(k.kept))
		}
		clear(k.kept)
		k.mu.Unlock()
		r.Add(happened(policy.RolloutSuspect, "3", open+2*time.Second))
		end()
		if e := k.all(t)["RolloutSuspect"]; e.Series != nil || e.Count != 1 {
			t.Errorf("the Event after the one that is gone has %+v, count %d", e.Series, e.Count)
		}
	})
}

// An undog after this one tells the same under the same name, once.
func TestToldBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		for range 2 {
			r, log, end := start(t, k, 0)
			r.Add(happened(policy.VerdictBad, "1", 0))
			end()
			if s := r.Stats(); s.Failed != 0 || log.Len() > 0 {
				t.Errorf("counted %+v, logged %s", s, log)
			}
		}
		k.all(t)
	})
}

// Events of one second have stamps in their order, and none is far ahead.
func TestStamps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limiter{newRecent[string, allowance](10)}
		var last time.Time
		for i := range 5 {
			stamp, ok := l.allow("web", noon, time.Now())
			if !ok || !stamp.After(last) || stamp.Sub(noon) > ahead {
				t.Errorf("stamp %d is %s, the one before %s", i, stamp, last)
			}
			last = stamp
		}
		for range 10 {
			if stamp, _ := l.allow("web", noon, time.Now()); stamp.Sub(noon) > ahead {
				t.Errorf("stamp is %s ahead", stamp.Sub(noon))
			}
		}
	})
}

// One Deployment cannot have more than its share, and others still have theirs.
func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		r, _, end := start(t, k, 0)
		for i := range burst + 10 {
			tr := happened(policy.RolloutSuspect, fmt.Sprint(i), 0)
			tr.Revision.UID = fmt.Sprint("rs-", i)
			r.Add(tr)
		}
		synctest.Wait()
		<-time.After(pause)
		other := happened(policy.RolloutSuspect, "other", 0)
		other.Workload.UID, other.Workload.Name = "uid-other", "other"
		r.Add(happened(policy.VerdictBad, "a", time.Minute), happened(policy.VerdictGood, "b", time.Minute), other)
		end()
		if s := r.Stats(); s.Written != burst+2 || s.Limited != 11 {
			t.Errorf("counted %+v, want %d written and 11 left out", s, burst+2)
		}
	})
}

// A full queue drops and does not wait.
func TestFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{hold: make(chan struct{})}
		r, _, end := start(t, k, 3)
		r.Add(happened(policy.RolloutStarted, "0", 0))
		synctest.Wait()
		r.Add(happened(policy.RolloutSuspect, "1", 0), happened(policy.VerdictBad, "2", 0), happened(policy.RollbackDone, "3", 0), happened(policy.RolloutRecovered, "4", 0))
		if s := r.Stats(); s.Dropped != 1 || s.Depth != 3 {
			t.Errorf("counted %+v, want one dropped and three that wait", s)
		}
		close(k.hold)
		end()
		if s := r.Stats(); s.Written != 4 {
			t.Errorf("counted %+v, want what waited to be written", s)
		}
	})
}

// Who is not the one that tells says nothing.
func TestInactive(t *testing.T) {
	r, err := New(Options{Sink: &keeper{}, Log: slog.New(slog.DiscardHandler), Active: func() bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	r.Add(happened(policy.VerdictBad, "1", 0))
	if s := r.Stats(); s.Depth != 0 {
		t.Errorf("%d wait", s.Depth)
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a recorder without a sink")
	}
}

// What may help is tried again, and what was refused is not; it is said once.
func TestFailures(t *testing.T) {
	forbidden := apierrors.NewForbidden(resource, "x", errors.New("no"))
	for name, tt := range map[string]struct {
		answer []error
		tries  int
		want   Stats
		logged int
	}{
		"busy, then well":    {[]error{apierrors.NewTooManyRequests("later", 1), errors.New("connection reset")}, 4, Stats{Written: 2}, 0},
		"away":               {slices.Repeat([]error{errors.New("connection refused")}, 6), 6, Stats{Failed: 2}, 1},
		"forbidden":          {[]error{forbidden, forbidden}, 2, Stats{Failed: 2}, 1},
		"namespace is going": {[]error{apierrors.NewNotFound(resource, "shop")}, 2, Stats{Written: 1, Failed: 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &keeper{answer: tt.answer}
				r, log, end := start(t, k, 0)
				r.Add(happened(policy.VerdictBad, "1", 0), happened(policy.RollbackDone, "2", 0))
				end()
				if s := r.Stats(); s != tt.want || k.tries != tt.tries {
					t.Errorf("counted %+v in %d requests, want %+v in %d", s, k.tries, tt.want, tt.tries)
				}
				if n := strings.Count(log.String(), "cannot write an Event"); n != tt.logged {
					t.Errorf("logged %d times, want %d: %s", n, tt.logged, log)
				}
			})
		})
	}
}

// What is remembered is bounded: the oldest is forgotten.
func TestRecent(t *testing.T) {
	r := newRecent[int, string](2)
	r.put(1, "a")
	r.put(2, "b")
	r.get(1)
	r.put(3, "c")
	if _, there := r.get(2); there || len(r.at) != 2 || r.order.Len() != 2 {
		t.Errorf("2 is there: %v, %d kept", there, len(r.at))
	}
	r.put(1, "d")
	if v, _ := r.get(1); v != "d" {
		t.Errorf("1 is %q", v)
	}
	r.drop(1)
	if _, there := r.get(1); there {
		t.Error("1 was dropped and is there")
	}
}
