package faults_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
)

// subscriber reads the stream, and reads it from its beginning again when it
// is not what it was. It drops the ids that it knows.
type subscriber struct {
	t       testing.TB
	connect func() (*natsgo.Conn, error)
	conn    *natsgo.Conn
	created time.Time
	next    uint64
	// messages holds those read, so that reading again is not receiving again.
	messages map[string]bool
	ids      map[string]bool
	events   []notify.Event
	again    int
}

func newSubscriber(t testing.TB, connect func() (*natsgo.Conn, error)) *subscriber {
	return &subscriber{t: t, connect: connect, messages: map[string]bool{}, ids: map[string]bool{}}
}

// lose makes it connect and read anew.
func (s *subscriber) lose() {
	if s.conn != nil {
		s.conn.Close()
	}
	s.conn, s.next = nil, 0
}

// read takes what the stream has. A server that is away is no failure.
func (s *subscriber) read() {
	s.t.Helper()
	if s.conn == nil {
		conn, err := s.connect()
		if err != nil {
			return
		}
		s.conn = conn
	}
	js, err := jetstream.New(s.conn)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	stream, err := js.Stream(ctx, nats.StreamName)
	if err != nil {
		return
	}
	info := stream.CachedInfo()
	if !info.Created.Equal(s.created) || info.State.LastSeq+1 < s.next {
		s.created, s.next = info.Created, 0
	}
	for s.next = max(s.next, info.State.FirstSeq); s.next <= info.State.LastSeq; s.next++ {
		m, err := stream.GetMsg(ctx, s.next)
		if err == nil {
			s.take(m)
		} else if ctx.Err() != nil {
			return
		}
	}
}

func (s *subscriber) take(m *jetstream.RawStreamMsg) {
	key := fmt.Sprint(s.created.UnixNano(), " ", m.Sequence, " ", m.Time.UnixNano())
	if s.messages[key] {
		return
	}
	s.messages[key] = true
	e, err := notify.Decode(m.Data)
	if err != nil {
		s.t.Errorf("message %d: %v", m.Sequence, err)
		return
	}
	if s.ids[e.ID] {
		s.again++
		return
	}
	s.ids[e.ID] = true
	s.events = append(s.events, e)
}
