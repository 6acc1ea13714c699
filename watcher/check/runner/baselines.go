package runner

import (
	"container/list"
	"sync"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check/differ"
)

// DefaultBaselines is how many bytes of baselines are kept.
const DefaultBaselines = 32 << 20

const (
	// keepEvery is how old a baseline gets before a newer one replaces it.
	keepEvery = 5 * time.Minute
	// keepFor is how long one may be used: data change. One of a settled revision
	// is renewed a little before.
	keepFor  = 24 * time.Hour
	renewFor = keepFor - time.Hour
)

// baselineKey names what one revision answered to one version of a check.
// Revision is its template.
type baselineKey struct{ workload, check, version, revision string }

func (r *Runner) keyOf(w policy.Workload, check string, rev policy.RevisionRef) baselineKey {
	return baselineKey{w.UID, check, r.o.Versions[check], template(rev)}
}

// baselines keeps encoded baselines, those used last.
type baselines struct {
	most int

	mu    sync.Mutex
	bytes int
	byKey map[baselineKey]*list.Element
	// order has the one that was used last in front.
	order *list.List
}

// kept is one entry: a baseline for each step, nil where there is none.
type kept struct {
	key   baselineKey
	at    time.Time
	steps [][]byte
	bytes int
}

func newBaselines(most int) *baselines {
	if most == 0 {
		most = DefaultBaselines
	}
	return &baselines{most: most, byKey: map[baselineKey]*list.Element{}, order: list.New()}
}

// older tells whether a baseline is missing, or was made that long ago.
func (b *baselines) older(key baselineKey, than time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.byKey[key]
	return e == nil || time.Since(entry(e).at) >= than
}

// entryCost is for what an entry needs besides its bytes.
const entryCost = 512

// put keeps baselines. Nothing to keep leaves what is there, and is false.
func (b *baselines) put(key baselineKey, steps []*differ.Baseline) bool {
	k := &kept{key: key, at: time.Now(), steps: make([][]byte, len(steps)), bytes: entryCost}
	some := false
	for i, s := range steps {
		if s == nil {
			continue
		}
		data, err := s.Encode()
		if err != nil {
			continue // It is too large to be kept; the step is not compared.
		}
		k.steps[i], some = data, true
		k.bytes += len(data)
	}
	if !some {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(b.byKey[key])
	b.byKey[key] = b.order.PushFront(k)
	b.bytes += k.bytes
	for b.bytes > b.most {
		b.drop(b.order.Back())
	}
	return true
}

// get returns the baselines of a check's steps, or nothing.
func (b *baselines) get(key baselineKey) []*differ.Baseline {
	b.mu.Lock()
	e := b.byKey[key]
	if e != nil && time.Since(entry(e).at) > keepFor {
		b.drop(e)
		e = nil
	}
	if e == nil {
		b.mu.Unlock()
		return nil
	}
	b.order.MoveToFront(e)
	steps := entry(e).steps
	b.mu.Unlock()
	out := make([]*differ.Baseline, len(steps))
	for i, data := range steps {
		if data != nil {
			out[i], _ = differ.Decode(data) // It was encoded here.
		}
	}
	return out
}

// drop is called under the lock.
func (b *baselines) drop(e *list.Element) {
	if e == nil {
		return
	}
	b.order.Remove(e)
	delete(b.byKey, entry(e).key)
	b.bytes -= entry(e).bytes
}

func entry(e *list.Element) *kept {
	k, _ := e.Value.(*kept)
	return k
}

// size is how many bytes are kept.
func (b *baselines) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes
}
