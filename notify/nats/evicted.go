package nats

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
)

const (
	// maxPlaces bounds the durable events whose place in the stream is known. The
	// oldest is forgotten: if it is evicted, it is published once more.
	maxPlaces = 1 << 16
	// ageSkew is by how much undog's clock may be behind the server's.
	ageSkew = 5 * time.Minute
	// overhead is about what the server stores beside an event's own bytes.
	overhead = 512
)

// place is where the stream put an event.
type place struct {
	seq uint64
	at  time.Time
	// evicted says that it went by a limit of the stream's own.
	evicted bool
}

// places remembers where the stream put durable events. One that is no longer
// there and went in its turn, since the stream is as full or as old as it may
// be, was evicted: publishing it again would push out the next one, for ever.
// What went otherwise was lost.
type places struct {
	seed maphash.Seed

	mu sync.Mutex
	// created is when the stream was made that the places are of.
	created time.Time
	of      map[uint64]place
	order   []uint64
	next    int
	largest uint64
	gone    uint64
}

func newPlaces() *places { return &places{seed: maphash.MakeSeed(), of: map[uint64]place{}} }

func (p *places) hash(id string) uint64 { return maphash.String(p.seed, id) }

// stored notes that the stream has an event, of so many bytes if that is known.
func (p *places) stored(id uint64, at place, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.largest = max(p.largest, uint64(bytes))
	if _, known := p.of[id]; !known {
		if len(p.order) < maxPlaces {
			p.order = append(p.order, id)
		} else {
			delete(p.of, p.order[p.next])
			p.order[p.next] = id
			p.next = (p.next + 1) % maxPlaces
		}
	}
	p.of[id] = at
}

// evicted tells whether the stream, as it is now, let go of an event that it had
// and has no longer. What was lost has no place until it is published again.
func (p *places) evicted(id uint64, now *jetstream.StreamInfo) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, known := p.of[id]
	switch {
	case !known:
		return false
	case at.evicted:
		return true
	case at.seq < now.State.FirstSeq && p.inTurn(at, now), at.seq > 0 && at.old(&now.Config):
		at.evicted = true
		p.of[id] = at
		p.gone++
		return true
	}
	at.seq = 0
	p.of[id] = at
	return false
}

// inTurn tells whether the stream's own limits explain that an event before
// its first one is gone. An event that was purged has not got as many after it
// as the stream may hold, and leaves room behind.
func (p *places) inTurn(at place, now *jetstream.StreamInfo) bool {
	cfg, state := &now.Config, &now.State
	if at.seq == 0 {
		return false
	}
	if cfg.Discard == jetstream.DiscardOld {
		if cfg.MaxMsgs > 0 && state.LastSeq-at.seq >= uint64(cfg.MaxMsgs) {
			return true
		}
		if cfg.MaxBytes > 0 && state.Msgs > 0 && state.Bytes+p.roomFor(state) > uint64(cfg.MaxBytes) {
			return true
		}
	}
	return false
}

// old tells whether the stream keeps nothing that it got when it got this.
// Until it is removed, which takes a moment, it is not delivered any more.
func (at place) old(cfg *jetstream.StreamConfig) bool {
	return cfg.MaxAge > 0 && time.Since(at.at) >= cfg.MaxAge-min(ageSkew, cfg.MaxAge/10)
}

// roomFor is the most room that the last evicted event may have left.
func (p *places) roomFor(state *jetstream.StreamState) uint64 {
	return max(p.largest, state.Bytes/state.Msgs) + overhead
}

// belongTo drops what is known of another stream than the one of now.
func (p *places) belongTo(created time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.created.Equal(created) {
		return
	}
	if !p.created.IsZero() {
		clear(p.of)
		p.order, p.next = nil, 0
	}
	p.created = created
}

// Evicted counts the durable events that the stream let go of by a limit of its
// own within the time for which undog keeps events complete.
func (c *Client) Evicted() uint64 {
	c.places.mu.Lock()
	defer c.places.mu.Unlock()
	return c.places.gone
}

// present makes the test that Known returns: an event that was read is there,
// and one that was evicted is not missing.
func (c *Client) present(ctx context.Context, read map[uint64]place) (func(id string) bool, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	s, err := c.js.Stream(ctx, StreamName)
	if err != nil {
		return nil, err
	}
	now := s.CachedInfo()
	c.places.belongTo(now.Created)
	return func(id string) bool {
		h := c.places.hash(id)
		if at, ok := read[h]; ok {
			c.places.stored(h, at, 0)
			return true
		}
		before := c.Evicted()
		if !c.places.evicted(h, now) {
			return false
		}
		if c.Evicted() > before {
			c.log.warn("the stream lets go of events that are younger than a week, by a limit of its own: they are not published again", "stream", StreamName)
		}
		return true
	}, nil
}

// durable are the types of the events whose place is remembered.
var durable = func() map[string]bool {
	types := map[string]bool{}
	for _, k := range notify.Kinds() {
		types[k.Type()] = k.Durable
	}
	return types
}()

// evicts tells whether a stream may let go of an event that undog keeps
// complete, without anybody having removed it.
func evicts(cfg *jetstream.StreamConfig) bool {
	full := cfg.Discard == jetstream.DiscardOld && (cfg.MaxMsgs > 0 || cfg.MaxBytes > 0)
	return full || cfg.MaxAge > 0 && cfg.MaxAge < minMaxAge
}
