package eprocess

import (
	"cmp"
	"slices"
	"time"
)

// Failure is an event in the life of an old pod.
type Failure struct {
	// Life is the number of the pod's life, from 0.
	Life int `json:"life"`
	// Age is how long after its start the pod failed.
	Age time.Duration `json:"age"`
}

// History is how pods of the old revision did when they were as young as the
// new ones are now. It is a baseline when no old pod is left, and a better one
// than old pods that have long settled.
//
// It is played beside the present: each new pod gets old lives of its own,
// which start when it starts and grow old with it. An old failure is observed
// when the new pod reaches the age at which it happened. A new pod is compared
// with its own lives alone: the exposures are 1 if it is at risk of a counted
// event, else 0, and [History.AtRisk]. So both sides are of the same age at
// every event, and the share is fair however the failure rate changes with age.
//
// What history cannot know is today's weather: if a database fails now, new
// pods crash and history does not. Judge on it only while nothing but this
// revision fails, or take the [Least] with a test of pods that run side by
// side.
type History struct {
	// Lives is how many pods were watched from their start until Horizon.
	Lives   int           `json:"lives"`
	Horizon time.Duration `json:"horizon"`
	// Failures of those lives up to Horizon, as Add keeps them: in order of
	// life and age.
	Failures []Failure `json:"failures,omitempty"`
}

// Add takes a failure into the history. It counts no failure away: a life
// that failed more often than the limits allow is played with as many as
// count, as a new pod would be. The caller bounds Lives and what a life may
// add; leaving out failures of lives that stay in would make a bad baseline
// look good.
func (h *History) Add(f Failure) {
	at, _ := slices.BinarySearchFunc(h.Failures, f, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(a.Life, b.Life), cmp.Compare(a.Age, b.Age))
	})
	h.Failures = slices.Insert(h.Failures, at, f)
}

// PerPod returns how many old lives are played beside each of pods new ones.
// Fix pods when the rollout starts; new pods numbered from there on have none.
func (h History) PerPod(pods int) int {
	if pods <= 0 {
		return 0
	}
	return max(h.Lives, 0) / pods
}

// Due returns how many old failures are to be observed while new pod number
// slot grows from one age to another: after from, up to and with to. They are
// those that count by the limits on a pod; observe them one by one, and
// before a failure of the new pod that came later.
func (h History) Due(pods, slot int, from, to time.Duration, l Limiter) int {
	due := 0
	h.play(pods, slot, l, func(f Failure, _ time.Duration) {
		if from < f.Age && f.Age <= to {
			due++
		}
	})
	return due
}

// AtRisk returns how many of the lives played beside new pod number slot are
// at risk just before the age: started, not beyond Horizon and not held back
// by the limits on a pod: the old exposure for an event of that new pod or of
// those lives. Beyond Horizon it is 0: there is no baseline.
func (h History) AtRisk(pods, slot int, age time.Duration, l Limiter) int {
	if slot < 0 || slot >= pods || age < 0 || age > h.Horizon {
		return 0
	}
	closed := 0
	h.play(pods, slot, l, func(f Failure, until time.Duration) {
		if f.Age < age && age < until {
			closed++
		}
	})
	return h.PerPod(pods) - closed
}

// play calls f for each failure that counts in the lives beside the slot, and
// until what age it closes its life: zero if it leaves it open.
func (h History) play(pods, slot int, l Limiter, f func(f Failure, closedUntil time.Duration)) {
	per := h.PerPod(pods)
	if slot < 0 || slot >= pods {
		return
	}
	window, _, perPod := l.limits()
	span := time.Duration(window) * time.Millisecond
	first, _ := slices.BinarySearchFunc(h.Failures, slot*per, func(f Failure, life int) int {
		return cmp.Compare(f.Life, life)
	})
	var counted [maxMarks]time.Duration // ages that counted in this life
	life, n := -1, 0
	perPod = min(perPod, maxMarks)
	for _, g := range h.Failures[first:] {
		if g.Life >= (slot+1)*per {
			return
		}
		if g.Life != life {
			life, n = g.Life, 0
		}
		if g.Age > h.Horizon || n >= perPod && g.Age-counted[(n-perPod)%maxMarks] < span {
			continue
		}
		counted[n%maxMarks] = g.Age
		n++
		until := time.Duration(0)
		if n >= perPod {
			until = counted[(n-perPod)%maxMarks] + span
		}
		f(g, until)
	}
}
