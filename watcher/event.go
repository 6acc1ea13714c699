package watcher

import (
	"cmp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Events are lossy, late and repeated: they only ever explain what a pod's
// status shows already.
const (
	// NoteLasts is how long an Event counts that is not repeated.
	NoteLasts = 5 * time.Minute
	// noteReach is how far the Event of a failed probe may lie from the exit
	// that it explains.
	noteReach = int64(3 * time.Minute / time.Second)
)

// note is what Events of one reason said last about a pod.
type note struct {
	reason    word
	container word
	init      bool
	message   word
	count     int32
	// when is the newest Event's own time, in Unix seconds.
	when int64
	// first and last are when undog saw it, in Unix nanoseconds, and never later
	// than it was.
	first, last int64
}

// eventRecord is an Event, reduced. Only the identity is kept of one that is of
// no use.
type eventRecord struct {
	identity
	pod  uid
	note note
}

// The reasons of Events that are looked at.
const (
	reasonUnhealthy = "Unhealthy"
	reasonKilling   = "Killing"
)

// blocking tells the reasons that hold a pod up before its containers exist.
func blocking(reason string) bool {
	return reason == "FailedMount" || reason == "FailedAttachVolume" || reason == "FailedCreatePodSandBox"
}

// explaining tells an Event that says why a container was ended.
func explaining(reason, message string) bool {
	switch reason {
	case reasonUnhealthy:
		return strings.HasPrefix(message, "Liveness probe ") || strings.HasPrefix(message, "Startup probe ")
	case reasonKilling:
		return strings.Contains(message, "failed liveness probe") || strings.Contains(message, "failed startup probe")
	}
	return false
}

func reduceEvent(e *corev1.Event) *eventRecord {
	r := &eventRecord{identity: reduceIdentity(e, "")}
	if e.InvolvedObject.Kind != "Pod" || !blocking(e.Reason) && !explaining(e.Reason, e.Message) {
		return r
	}
	r.pod, _ = uidOf(string(e.InvolvedObject.UID))
	r.note = note{
		reason: intern(e.Reason), message: internMessage(e.Message),
		count: max(e.Count, 1), when: eventTime(e),
	}
	if e.Series != nil {
		r.note.count = max(r.note.count, e.Series.Count)
	}
	if !blocking(e.Reason) {
		r.note.container, r.note.init = fieldContainer(e.InvolvedObject.FieldPath)
	}
	return r
}

// eventTime is when an Event last happened, in both ways in which it may say so.
func eventTime(e *corev1.Event) int64 {
	var t int64
	if e.Series != nil && !e.Series.LastObservedTime.IsZero() {
		t = e.Series.LastObservedTime.Unix()
	}
	if !e.EventTime.IsZero() {
		t = max(t, e.EventTime.Unix())
	}
	t = max(t, unixSeconds(e.LastTimestamp), unixSeconds(e.FirstTimestamp))
	if t == 0 {
		t = unixSeconds(e.CreationTimestamp)
	}
	return t
}

// fieldContainer reads paths like spec.containers{app}.
func fieldContainer(path string) (container word, init bool) {
	kind, rest, ok := strings.Cut(path, "{")
	if !ok || !strings.HasSuffix(rest, "}") {
		return word{}, false
	}
	return intern(cleanName(strings.TrimSuffix(rest, "}"), maxName)), kind == "spec.initContainers"
}

// ApplyEvent takes in an Event about a Pod. One about a pod that is not held, or is
// in another namespace, is forgotten.
func (s *State) ApplyEvent(at time.Time, e *corev1.Event) { s.applyEvent(at, reduceEvent(e)) }

func (s *State) applyEvent(at time.Time, rec *eventRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pods[rec.pod]
	if p == nil || p.rec.void || p.rec.finished || p.identity().namespace != rec.namespace {
		return
	}
	if blocking(text(rec.note.reason)) && p.rec.created {
		return
	}
	n := rec.note
	seen := at
	if own := secondsTime(n.when); n.when != 0 && own.Before(at) {
		seen = own
	}
	n.first, n.last = seen.UnixNano(), seen.UnixNano()
	if n.fleeting() && at.Unix() >= n.expiry() {
		return
	}
	before := p.contribution()
	if p.evidence == nil {
		p.evidence = &evidence{}
	}
	if !p.evidence.take(n) {
		return
	}
	p.rev.crew.update(p, before)
	s.awaitDue(p)
	s.touch(p.rev.workload)
}

// fleeting notes count only while they are repeated.
func (n *note) fleeting() bool { return blocking(text(n.reason)) }

// expiry is when a fleeting note is over, in Unix seconds.
func (n *note) expiry() int64 { return (n.last + int64(NoteLasts)) / int64(time.Second) }

// take keeps the newest note per reason, and tells whether anything changed.
func (e *evidence) take(n note) bool {
	i := slices.IndexFunc(e.notes, func(o note) bool { return o.reason == n.reason })
	if i < 0 {
		e.notes = append(e.notes, n)
		slices.SortFunc(e.notes, func(a, b note) int { return cmp.Compare(text(a.reason), text(b.reason)) })
		return true
	}
	o := e.notes[i]
	first, last := min(o.first, n.first), max(o.last, n.last)
	if cmp.Or(cmp.Compare(n.when, o.when), cmp.Compare(n.count, o.count), cmp.Compare(text(n.message), text(o.message))) < 0 {
		n = o
	}
	n.first, n.last = first, last
	e.notes[i] = n
	return n != o
}

// expire drops the notes that were not repeated for long.
func (e *evidence) expire(at time.Time) bool {
	n := len(e.notes)
	e.notes = slices.DeleteFunc(e.notes, func(o note) bool { return o.fleeting() && at.Unix() >= o.expiry() })
	return len(e.notes) != n
}

// expiry is when the next note is over, 0 if none will be.
func (e *evidence) expiry() int64 {
	var next int64
	for i := range e.notes {
		n := &e.notes[i]
		if !n.fleeting() {
			continue
		}
		if t := n.expiry(); next == 0 || t < next {
			next = t
		}
	}
	return next
}

// stuck is what holds up a pod of which no container was ever created.
func (e *evidence) stuck(s *podStatus, node word) []occurrence {
	if s.created || s.finished || node == (word{}) {
		return nil
	}
	var out []occurrence
	for i := range e.notes {
		n := &e.notes[i]
		if n.fleeting() {
			out = append(out, occurrence{
				failureKey: failureKey{kind: kind{reason: n.reason}}, held: true,
				count: n.count, first: n.first, last: n.last, message: n.message,
			})
		}
	}
	return out
}

// probeNote is what Events say about why a container exited; rather the
// probe's own words than those about the killing.
func (e *evidence) probeNote(o *occurrence) word {
	var found word
	for i := range e.notes {
		n := &e.notes[i]
		if n.fleeting() || n.container != (word{}) && (n.container != o.container || n.init != o.init) {
			continue
		}
		if d := n.when - o.exit(); d > noteReach || d < -noteReach {
			continue
		}
		if found == (word{}) || text(n.reason) == reasonUnhealthy {
			found = n.message
		}
	}
	return found
}
