package daemon_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/hold"
	"github.com/undog-dev/undog/test/soak"
)

var (
	soakFor  = flag.Duration("soak", 2*time.Minute, "how long the soak lasts")
	soakPage = flag.String("soak-docs", "", "write soak.md and soak.svg into this folder")
)

const (
	// together is how many Deployments are released at a time.
	together = 4
	// natsUp and natsDown is how long NATS is there and away, in turns.
	natsUp, natsDown = 25 * time.Second, 5 * time.Second
	mega             = 1 << 20
)

// Good and bad releases, scale-ups and an unsteady NATS come one after the other,
// each round with Deployments of its own; undog keeps its size.
func TestSoakStaysFlat(t *testing.T) {
	f := newFixtureFor(t, *soakFor+patience)
	server := f.natsServer()
	proxy := f.natsProxy(server)
	undog := f.undog(setup{nats: proxy.URL(), checks: "brake: {rollouts: -1, within: 10m}\n"})
	j := f.journal(server)
	s := sampled(undog)
	soaking, stop := context.WithTimeout(f.ctx, *soakFor)
	defer stop()
	var beside sync.WaitGroup
	beside.Go(func() { s.run(soaking, max(time.Second, *soakFor/720)) })
	outages, unsteady := 0, error(nil)
	beside.Go(func() { outages, unsteady = flicker(soaking, proxy) })
	rounds := 0
	for ; soaking.Err() == nil; rounds++ {
		f.round(j, rounds)
	}
	stop()
	beside.Wait()
	if err := errors.Join(s.err, unsteady, proxy.Up()); err != nil {
		t.Fatal(err)
	}
	for _, series := range s.all() {
		level, growth := series.Trend()
		t.Logf("%s: level %.2f, growth %.2f %s", series.Name, level, growth, series.Unit)
		if err := series.Check(); err != nil {
			t.Error(err)
		}
	}
	for r := range rounds {
		for i := range together {
			j.want("rollback.done", nameOf(r, i), 1)
		}
	}
	if *soakPage == "" {
		return
	}
	report := soak.Report{Lasted: *soakFor, Series: s.all(), Text: fmt.Sprintf(`Meanwhile %d Deployments came, %d at a time: each was released well, scaled up, released
badly, undone, and deleted. NATS was away %d times, for %s each. All %d bad releases were
undone once.`, rounds*together, together, outages, natsDown, rounds*together)}
	if err := report.Write(*soakPage); err != nil {
		t.Fatal(err)
	}
}

func nameOf(round, i int) string { return fmt.Sprintf("app-%d-%d", round, i) }

// round plays the life of a few Deployments at the same time.
func (f *fixture) round(j *journal, n int) {
	f.t.Helper()
	each := func(do func(name string)) {
		for i := range together {
			do(nameOf(n, i))
		}
	}
	each(func(name string) { f.deploy(name, "1.0", 2) })
	each(func(name string) { j.await("verdict.good", name, "1.0") })
	each(func(name string) { f.release(name, "1.1") })
	each(func(name string) { j.await("verdict.good", name, "1.1") })
	each(func(name string) { f.patch(name, map[string]any{"spec": map[string]any{"replicas": 4}}) })
	each(func(name string) { f.running(name, "1.1") })
	each(func(name string) { f.release(name, "crash") })
	each(func(name string) { j.await("rollback.done", name, "crash") })
	each(func(name string) { f.running(name, "1.1") })
	each(func(name string) {
		if err := admin.AppsV1().Deployments(f.namespace).Delete(f.ctx, name, metav1.DeleteOptions{}); err != nil {
			f.t.Fatal(err)
		}
	})
}

// flicker takes NATS away now and then, until ctx ends.
func flicker(ctx context.Context, proxy *hold.NATS) (times int, err error) {
	for {
		if !passes(ctx, natsUp) {
			return times, nil
		}
		if err := proxy.Down(); err != nil {
			return times, err
		}
		times++
		on := passes(ctx, natsDown)
		if err := proxy.Up(); err != nil || !on {
			return times, err
		}
	}
}

func passes(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// samples is what was measured of an undog.
type samples struct {
	undog                              *daemon.Daemon
	began                              time.Time
	rss, heap, goroutines, fds, engine *soak.Series
	err                                error
}

func sampled(d *daemon.Daemon) *samples {
	return &samples{
		undog: d, began: time.Now(),
		rss:        &soak.Series{Name: "resident memory (VmRSS)", Unit: "MB", Share: 0.1, Slack: 3},
		heap:       &soak.Series{Name: "heap in use", Unit: "MB", Share: 0.15, Slack: 3},
		goroutines: &soak.Series{Name: "goroutines", Share: 0.05, Slack: 5},
		fds:        &soak.Series{Name: "open files", Share: 0.05, Slack: 2},
		engine:     &soak.Series{Name: "workloads in the engine", Share: 0.1, Slack: together},
	}
}

func (s *samples) all() []*soak.Series {
	return []*soak.Series{s.rss, s.heap, s.goroutines, s.fds, s.engine}
}

// run measures until ctx ends.
func (s *samples) run(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := s.take(ctx); err != nil && ctx.Err() == nil {
			s.err = err
			return
		}
	}
}

// resident is the line of /proc/PID/status that says how much memory is there.
var resident = regexp.MustCompile(`(?m)^VmRSS:\s+(\d+) kB$`)

// take measures once.
func (s *samples) take(ctx context.Context) error {
	after := time.Since(s.began)
	_, text, err := s.undog.Get(ctx, "/metrics")
	if err != nil {
		return err
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.undog.Pid()))
	if err != nil {
		return fmt.Errorf("read the memory of undog: %w", err)
	}
	rss := resident.FindStringSubmatch(string(status))
	if rss == nil {
		return fmt.Errorf("read the memory of undog: no VmRSS in %s", status)
	}
	kilo, err := strconv.ParseFloat(rss[1], 64)
	if err != nil {
		return fmt.Errorf("read the memory of undog: %w", err)
	}
	s.rss.Points = append(s.rss.Points, soak.Point{After: after, Value: kilo * 1024 / mega})
	for _, m := range []struct {
		name   string
		series *soak.Series
		per    float64
	}{
		{"go_memstats_heap_inuse_bytes", s.heap, mega},
		{"go_goroutines", s.goroutines, 1},
		{"process_open_fds", s.fds, 1},
		{"undog_engine_workloads", s.engine, 1},
	} {
		value, err := metric(text, m.name)
		if err != nil {
			return err
		}
		m.series.Points = append(m.series.Points, soak.Point{After: after, Value: value / m.per})
	}
	return nil
}

// metric reads one without labels.
func metric(text, name string) (float64, error) {
	_, rest, ok := strings.Cut(text, "\n"+name+" ")
	if !ok {
		return 0, fmt.Errorf("/metrics lacks %s", name)
	}
	line, _, _ := strings.Cut(rest, "\n")
	value, err := strconv.ParseFloat(line, 64)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", name, err)
	}
	return value, nil
}
