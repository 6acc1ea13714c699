package sim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/sim/apiserver"
	"github.com/undog-dev/undog/test/sim/world"
)

// Options says what to play.
type Options struct {
	Seed  uint64
	Parts Parts
	// Trace, if set, is told of everything that happens.
	Trace func(line string)
}

// simulation is one history.
type simulation struct {
	rand *rand.Rand
	// clocks is for the jumps of clocks.
	clocks *rand.Rand
	// ahead is how far the clocks of undogs are ahead.
	ahead    map[string]time.Duration
	faults   *faults
	turns    turns
	settings policy.Settings
	parts    Parts
	world    *world.World
	api      *apiserver.Server
	owners   map[string]*owner
	undogs   map[string]*undog
	// past are the releases that were over when an undog started.
	past    map[release]bool
	history history
	out     func(string)
	// end is when the owners have done everything.
	end time.Time
	// troubled says that a request failed or an undog died.
	troubled bool
	broken   error
	checked  checked
}

const (
	// settling is how long the world stands still at the end.
	settling = 45 * time.Minute
	// quiet is the last part of it, in which nothing may be written.
	quiet = 15 * time.Minute
	// maxSteps bounds a history.
	maxSteps = 200_000
)

// Run plays a seed and returns the first violation of an invariant, or nil.
func Run(opts Options) (err error) {
	s := newSimulation(opts)
	defer s.stop()
	defer func() {
		// A panic must name its seed as well.
		if p := recover(); p != nil {
			err = fmt.Errorf("seed %d: undog panics: %v\n%s", opts.Seed, p, debug.Stack())
		}
	}()
	if err := s.play(); err != nil {
		return fmt.Errorf("seed %d: %w", opts.Seed, err)
	}
	return nil
}

func newSimulation(opts Options) *simulation {
	r := rand.New(rand.NewPCG(opts.Seed, 1))
	s := &simulation{
		rand: r, clocks: rand.New(rand.NewPCG(opts.Seed, 2)), faults: drawFaults(r), turns: drawTurns(opts.Seed), settings: settings(r), parts: opts.Parts, out: opts.Trace,
		world: world.New(world.NewClock(), r), owners: map[string]*owner{}, undogs: map[string]*undog{}, ahead: map[string]time.Duration{}, past: map[release]bool{},
		history: history{
			derivable: map[string]policy.Transition{}, decoded: map[*appsv1.ControllerRevision]policy.Record{},
		},
	}
	s.api = apiserver.New(objects{s.world})
	s.world.Changed = s.changed
	s.faults.jumps = s.clocks.IntN(4) == 0
	s.trace("%s, action %s, bake %s, elected %t, faults in a thousand: %s", s.settings.Mode, s.settings.Policies[0].Action,
		s.settings.Policies[0].Bake, s.turns.elected, s.faults)
	return s
}

// play lets the owners have their time, then lets everything settle.
func (s *simulation) play() error {
	names := []string{"web", "api", "db", "job"}
	for i, name := range names {
		if i == 0 || s.rand.IntN(5) == 0 {
			s.owners[name] = s.begin(name)
		}
	}
	undogs := []string{"undog-a", "undog-b"}[:1+b2i(s.rand.IntN(3) == 0)]
	for _, name := range undogs {
		s.restart(name, between(s.rand, time.Second, 10*time.Minute))
		s.plague(name)
		s.partition(name)
		s.jump(name)
	}
	s.elect()
	if err := s.runUntil(s.end); err != nil {
		return err
	}
	s.calm(undogs)
	if s.faults.jumps {
		// What was to be done by a clock that was ahead is done when it is time.
		s.end = s.end.Add(2 * time.Hour)
	}
	if err := s.runUntil(s.end.Add(settling)); err != nil {
		return err
	}
	return s.atRest()
}

// runUntil steps, and checks after every step.
func (s *simulation) runUntil(end time.Time) error {
	for n := 0; s.world.Clock.Step(end); n++ {
		if s.broken != nil {
			return s.broken
		}
		if n > maxSteps {
			return fmt.Errorf("more than %d steps: something goes round in circles", maxSteps)
		}
		if err := s.check(); err != nil {
			return err
		}
	}
	return nil
}

// calm ends all trouble: whoever is dead starts, what stands still moves, and
// the owners go home.
func (s *simulation) calm(names []string) {
	s.trace("from now on nothing changes and nothing fails")
	s.faults.calm = true
	clear(s.ahead)
	for _, name := range sortedKeys(s.undogs) {
		if u := s.undogs[name]; u.ahead != 0 {
			// The clock is put right, which it notices.
			u.ahead = 0
			s.kill(u)
		}
	}
	for _, name := range names {
		u := s.undogs[name]
		if u == nil {
			s.restart(name, time.Second)
			continue
		}
		for _, f := range u.feeds {
			f.gap = true
			f.wake(s.faults.lag())
		}
	}
}

// restart starts an undog after a while.
func (s *simulation) restart(name string, after time.Duration) {
	s.world.Clock.After(after, func() {
		if s.undogs[name] != nil {
			return
		}
		u, err := s.boot(name)
		if err != nil {
			s.broken = err
			return
		}
		s.undogs[name] = u
	})
}

// kill ends an undog and starts it again later.
func (s *simulation) kill(u *undog) {
	s.troubled = true
	u.die()
	delete(s.undogs, u.name)
	s.restart(u.name, between(s.rand, time.Second, 3*time.Minute))
}

// plague kills an undog every now and then.
func (s *simulation) plague(name string) {
	if s.faults.die == 0 {
		return
	}
	s.world.Clock.After(between(s.rand, time.Minute, 40*time.Minute), func() {
		if u := s.undogs[name]; u != nil && !s.faults.calm {
			s.kill(u)
			s.plague(name)
		}
	})
}

// partition takes the API server away from an undog every now and then. When
// it comes back, requests reach it before the watches have recovered.
func (s *simulation) partition(name string) {
	if !s.faults.partition {
		return
	}
	s.world.Clock.After(between(s.rand, time.Minute, 40*time.Minute), func() {
		if s.faults.calm {
			return
		}
		d := between(s.rand, 10*time.Second, 8*time.Minute)
		if u := s.undogs[name]; u != nil {
			s.trace("%s loses the API server for %s", name, d)
			u.away = s.world.Clock.Now().Add(d)
			for _, f := range u.feeds {
				f.frozen = u.away.Add(between(s.rand, 0, 30*time.Second))
			}
		}
		s.partition(name)
	})
}

// stop ends what is still under way, so that no coroutine is left behind.
func (s *simulation) stop() {
	for _, name := range sortedKeys(s.undogs) {
		s.undogs[name].die()
	}
}

func (s *simulation) tables() []*world.Table {
	w := s.world
	return []*world.Table{w.Deployments, w.ReplicaSets, w.Pods, w.Records}
}

// changed has every undog's watch deliver, in its own time.
func (s *simulation) changed(t *world.Table, _ world.Change) {
	for _, name := range sortedKeys(s.undogs) {
		for _, f := range s.undogs[name].feeds {
			if f.table == t && f.listed {
				f.wake(s.faults.lag())
			}
		}
	}
}

func (s *simulation) trace(format string, args ...any) {
	if s.out != nil {
		s.out(fmt.Sprintf("%9.3fs ", s.world.Clock.Now().Sub(world.Epoch).Seconds()) + fmt.Sprintf(format, args...))
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
