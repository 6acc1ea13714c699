package sim

import (
	"flag"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	oneSeed = flag.Int64("seed", -1, "play this seed alone and print its trace")
	seeds   = flag.Uint64("seeds", 1000, "how many seeds to play")
)

// TestMain lets garbage wait: the histories are short, and there is memory enough.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	m.Run()
}

// TestSeeds plays many histories.
func TestSeeds(t *testing.T) {
	if *oneSeed >= 0 {
		if err := Run(Options{Seed: uint64(*oneSeed), Trace: func(line string) { t.Log(line) }}); err != nil {
			t.Fatal(err)
		}
		return
	}
	forEach(*seeds, func(seed uint64) bool {
		if err := Run(Options{Seed: seed}); err != nil {
			t.Errorf("%v\nreplay: go test ./test/sim -run TestSeeds -seed=%d -v", err, seed)
		}
		return true
	})
}

// forEach calls f for every seed, on all processors, until f returns false.
func forEach(n uint64, f func(seed uint64) bool) {
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for seed := next.Add(1) - 1; seed < n; seed = next.Add(1) - 1 {
				if !f(seed) {
					next.Store(n)
				}
			}
		})
	}
	workers.Wait()
}
