package watcher

import "time"

const settleSeconds = int64(SettleAfter / time.Second)

// settle marks the exits that lie so far behind that the pod no longer shows
// them: it was ready from since to until, and that was SettleAfter beyond the
// exit. Unix seconds on the node's clock, as far as that has come. It tells whether anything changed.
func (e *evidence) settle(since, until int64) bool {
	changed := false
	for i := range e.list {
		o := &e.list[i]
		if o.held || o.settled || until-max(since, o.seen()) < settleSeconds {
			continue
		}
		o.settled = true
		changed = true
	}
	return changed
}

// due is when a pod that is ready since that time will have settled its next
// exit, 0 if there is none to settle.
func (e *evidence) due(since int64) int64 {
	var due int64
	for i := range e.list {
		o := &e.list[i]
		if o.held || o.settled {
			continue
		}
		if t := max(since, o.seen()) + settleSeconds; due == 0 || t < due {
			due = t
		}
	}
	return due
}

// exit is when the newest exit was: by the node's clock, and where the node
// does not say, by undog's.
func (o *occurrence) exit() int64 {
	if o.exitedAt != 0 {
		return o.exitedAt
	}
	return o.last / int64(time.Second)
}

// seen is when the newest exit was, and not later than it was seen: a node's clock may
// be ahead.
func (o *occurrence) seen() int64 { return min(o.exit(), o.last/int64(time.Second)) }
