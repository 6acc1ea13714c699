package eprocess

import (
	"encoding/json"
	"fmt"
	"time"
)

// Defaults of a Limiter. Twice per pod and five minutes was tried, and the
// simulation refutes it: a pod that can do nothing but crash then brings a
// dozen events out of one accident. See TestMistakes.
const (
	DefaultPerPod    = 1
	DefaultPodWindow = 24 * time.Hour
	DefaultNodeGap   = 30 * time.Second
)

// maxMarks bounds a Limiter's memory: how many events it remembers. When more
// have counted it forgets the oldest, so that a pod may count once more after
// this many others did.
const maxMarks = 64

// Limiter says which events count. Failures come in clusters: a container
// that crashed crashes again, a node takes all its pods along. Counting each
// would take one accident for many, so a pod counts once, in effect, and a
// node, whichever revision its pods are of, once per gap.
//
// One Limiter serves both revisions of a rollout, and what it holds back is
// not at risk of being counted: leave it out of the exposures as well, see
// [Weigh]. The zero value works with the defaults. It is a value: copy it,
// compare it, marshal it. Time is an argument; if it steps back, events are
// held back rather than let through.
type Limiter struct {
	// PerPod is how often a pod counts in PodWindow.
	PerPod    int
	PodWindow time.Duration
	// NodeGap is how long a node's pods do not count after one did.
	NodeGap time.Duration
	// Marks are the events that counted lately, oldest first; Used of them.
	Marks [maxMarks]Mark
	Used  int
}

// Mark is an event that counted. Names are kept as hashes: a collision holds
// an event back, it never makes one.
type Mark struct {
	Pod  uint32 `json:"p"`
	Node uint32 `json:"n"`
	At   int64  `json:"t"` // milliseconds since 1970
}

// Allow counts the event if it may count, and says whether it did.
func (l *Limiter) Allow(pod, node string, at time.Time) bool {
	if !l.Open(pod, node, at) {
		return false
	}
	l.Count(pod, node, at)
	return true
}

// Open says whether an event of the pod would count now; that is, whether the
// pod is at risk of a counted event.
func (l *Limiter) Open(pod, node string, at time.Time) bool {
	now, p, n := at.UnixMilli(), hash(pod), hash(node)
	window, gap, perPod := l.limits()
	ofPod := 0
	for _, m := range l.Marks[:l.used()] {
		if m.Node == n && now-m.At < gap {
			return false
		}
		if m.Pod == p && now-m.At < window {
			ofPod++
		}
	}
	return ofPod < perPod
}

// Count remembers that an event counted. Use it with Open when events that
// came together on a node count as one.
func (l *Limiter) Count(pod, node string, at time.Time) {
	used := l.used()
	if used == maxMarks {
		copy(l.Marks[:], l.Marks[1:])
		used--
	}
	l.Marks[used] = Mark{Pod: hash(pod), Node: hash(node), At: at.UnixMilli()}
	l.Used = used + 1
}

// stored is a Limiter without its empty places.
type stored struct {
	PerPod    int           `json:"perPod,omitempty"`
	PodWindow time.Duration `json:"podWindow,omitempty"`
	NodeGap   time.Duration `json:"nodeGap,omitempty"`
	Marks     []Mark        `json:"marks,omitempty"`
}

// MarshalJSON writes the marks in use.
func (l Limiter) MarshalJSON() ([]byte, error) {
	return json.Marshal(stored{l.PerPod, l.PodWindow, l.NodeGap, l.Marks[:l.used()]})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (l *Limiter) UnmarshalJSON(data []byte) error {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("read limiter: %w", err)
	}
	if len(s.Marks) > maxMarks {
		return fmt.Errorf("read limiter: marks has %d entries, the most are %d; start with an empty one", len(s.Marks), maxMarks)
	}
	*l = Limiter{PerPod: s.PerPod, PodWindow: s.PodWindow, NodeGap: s.NodeGap, Used: len(s.Marks)}
	copy(l.Marks[:], s.Marks)
	return nil
}

// used guards against a Limiter that was put together by hand.
func (l *Limiter) used() int { return min(max(l.Used, 0), maxMarks) }

func (l *Limiter) limits() (window, gap int64, perPod int) {
	window, gap, perPod = l.PodWindow.Milliseconds(), l.NodeGap.Milliseconds(), l.PerPod
	if window <= 0 {
		window = DefaultPodWindow.Milliseconds()
	}
	if gap <= 0 {
		gap = DefaultNodeGap.Milliseconds()
	}
	if perPod <= 0 {
		perPod = DefaultPerPod
	}
	return window, gap, perPod
}

// hash is 32-bit FNV-1a.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
