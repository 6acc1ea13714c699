package sim

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// faults says how often things go wrong, in a thousand.
type faults struct {
	rand *rand.Rand
	// calm says that nothing goes wrong any more.
	calm bool

	// slowest is how long a watch event may be on its way.
	slowest time.Duration

	// Of the watches.
	freeze, relist, drop, repeat, reorder int
	// Of the requests.
	refuse, lose, linger int
	// Of the undogs: deaths per request, old lists per start.
	die, stale int
	// partition says that undogs lose the API server altogether at times.
	partition bool
	// jumps says that the clocks of undogs are put forward and back at times.
	jumps bool
	// Of the owners, per request.
	conflict int
}

// drawFaults makes up a kind of bad day. One in four is a good one.
func drawFaults(r *rand.Rand) *faults {
	f := &faults{rand: r, slowest: between(r, 100*time.Millisecond, 3*time.Second)}
	if r.IntN(4) == 0 {
		return f
	}
	some := func(most int) int {
		if r.IntN(2) == 0 {
			return 0
		}
		return 1 + r.IntN(most)
	}
	f.freeze, f.relist, f.drop, f.repeat, f.reorder = some(20), some(100), some(50), some(100), some(300)
	f.refuse, f.lose, f.linger = some(100), some(100), some(100)
	f.die, f.stale = some(40), some(700)
	f.conflict = some(100)
	f.partition = r.IntN(3) == 0
	return f
}

// String lists what can go wrong.
func (f *faults) String() string {
	return fmt.Sprintf("freeze %d, relist %d, drop %d, repeat %d, reorder %d, refuse %d, lose %d, linger %d, die %d, stale %d, conflict %d, partitions %t, jumps %t",
		f.freeze, f.relist, f.drop, f.repeat, f.reorder, f.refuse, f.lose, f.linger, f.die, f.stale, f.conflict, f.partition, f.jumps)
}

// hits tells whether a fault of so many in a thousand happens now.
func (f *faults) hits(perMille int) bool {
	return !f.calm && perMille > 0 && f.rand.IntN(1000) < perMille
}

// requests tells whether requests may go wrong.
func (f *faults) requests() bool { return f.partition || f.refuse+f.lose+f.die > 0 }

// lag is how long a watch event is on its way.
func (f *faults) lag() time.Duration {
	return between(f.rand, 5*time.Millisecond, f.slowest)
}

// latency is how long a request is on its way. Some linger.
func (f *faults) latency() time.Duration {
	if f.hits(f.linger) {
		return between(f.rand, time.Second, 20*time.Second)
	}
	return between(f.rand, time.Millisecond, 40*time.Millisecond)
}

// standstill is how long a cache may stand still.
func (f *faults) standstill() time.Duration {
	return between(f.rand, 5*time.Second, 4*time.Minute)
}
