package nats

import (
	"sync/atomic"

	"github.com/nats-io/nats.go/jetstream"
)

// Durability tells whether an acknowledged event is on disk.
type Durability int

// AcksUnknown is all that a client can find out of most servers: they do not
// say how often they write to disk.
const (
	AcksUnknown    Durability = -1
	AcksNotDurable Durability = 0
	AcksDurable    Durability = 1
)

// acks holds a Durability, and what was logged of it. The zero value is unknown.
type acks struct {
	value atomic.Pointer[Durability]
}

func (a *acks) load() Durability {
	if d := a.value.Load(); d != nil {
		return *d
	}
	return AcksUnknown
}

// judgeAcks finds out what the acknowledgements are worth. A stream that was
// not looked at is nil. It tells of a change alone.
func (c *Client) judgeAcks(cfg *jetstream.StreamConfig) {
	d := AcksUnknown
	switch {
	case cfg != nil && (cfg.Storage != jetstream.FileStorage || cfg.NoAck || cfg.PersistMode == jetstream.AsyncPersistMode):
		d = AcksNotDurable
	case c.opts.SyncAlways:
		d = AcksDurable
	}
	if before := c.acks.value.Swap(&d); before != nil && *before == d {
		return
	}
	switch d {
	case AcksDurable:
	case AcksNotDurable:
		c.opts.Log.Warn("what the stream acknowledges is not on disk: a restart of the server can lose events", "stream", StreamName)
	case AcksUnknown:
		c.opts.Log.Info("the server does not tell whether it writes events to disk before it acknowledges them; "+
			"unless its configuration says sync_interval: always, a power failure can lose the latest", "stream", StreamName)
	}
}
