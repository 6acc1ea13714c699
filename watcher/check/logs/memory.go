package logs

import (
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	// forgetAfter is how long a pod is remembered that was not given any more.
	forgetAfter = 15 * time.Minute
	// maxMarks is how many pods are remembered.
	maxMarks = 4096
)

// mark is how far a pod was read.
type mark struct {
	// line is the time of the last line that was read, and times how many lines
	// of that time were.
	line  time.Time
	times int
	// ended is when the container ended whose log was read after a restart.
	ended time.Time
	// looked is when the last look ended.
	looked time.Time
}

// memory knows how far pods were read, by their UID.
type memory struct {
	mu    sync.Mutex
	marks map[string]mark
}

// stretch is when the last look at any of the pods was or, if this is the
// first, when the first of the new ones became ready.
func (m *memory) stretch(at time.Time, fresh, old []*corev1.Pod) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(at)
	var from time.Time
	for _, p := range slices.Concat(fresh, old) {
		if k, ok := m.marks[string(p.UID)]; ok && k.looked.After(from) {
			from = k.looked
		}
	}
	if from.IsZero() {
		from = at
		for _, p := range fresh {
			if ready := readySince(p); !ready.IsZero() && ready.Before(from) {
				from = ready
			}
		}
	}
	return later(from, at.Add(-maxBack))
}

// follow chooses those that were followed before, and then those that come
// first. Whoever is looked at gets a mark, even if nothing can be read of it.
func (m *memory) follow(pods []*corev1.Pod) []*corev1.Pod {
	m.mu.Lock()
	defer m.mu.Unlock()
	var known, others []*corev1.Pod
	for _, p := range pods {
		if _, ok := m.marks[string(p.UID)]; ok {
			known = append(known, p)
		} else {
			others = append(others, p)
		}
	}
	chosen := append(known, others...)
	return chosen[:min(len(chosen), maxFollowed)]
}

// since is from where on a pod is read: from its mark, or the stretch that is
// looked at, but not before it was ready.
func (m *memory) since(pod *corev1.Pod, stretch, at time.Time) mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.marks[string(pod.UID)]
	if !ok {
		return mark{line: later(stretch, readySince(pod))}
	}
	if oldest := at.Add(-maxBack); k.line.Before(oldest) {
		return mark{line: oldest}
	}
	return k
}

// keep notes how far a pod was read.
func (m *memory) keep(pod *corev1.Pod, k mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.marks[string(pod.UID)] = k
}

// forget drops pods that are gone, and those that were looked at longest ago if
// there are too many. It is called under the lock.
func (m *memory) forget(at time.Time) {
	for uid, k := range m.marks {
		if at.Sub(k.looked) > forgetAfter {
			delete(m.marks, uid)
		}
	}
	if len(m.marks) < maxMarks {
		return
	}
	looked := make([]time.Time, 0, len(m.marks))
	for _, k := range m.marks {
		looked = append(looked, k.looked)
	}
	slices.SortFunc(looked, time.Time.Compare)
	middle := looked[len(looked)/2]
	for uid, k := range m.marks {
		if !k.looked.After(middle) {
			delete(m.marks, uid)
		}
	}
}

// readySince is when the pod became ready, zero if it is not.
func readySince(p *corev1.Pod) time.Time {
	for i := range p.Status.Conditions {
		if c := &p.Status.Conditions[i]; c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
			return c.LastTransitionTime.Time
		}
	}
	return time.Time{}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
