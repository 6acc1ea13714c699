package corpus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/notify"
)

// stream is where the events are kept.
const stream = "UNDOG"

// journal is what the event stream holds, by namespace.
type journal struct {
	conn    *nats.Conn
	reading jetstream.ConsumeContext

	mu      sync.Mutex
	events  map[string][]notify.Event
	changed chan struct{} // Closed and replaced with every event.
	problem error
}

// readJournal reads the stream of a server from its beginning, once it is there.
func readJournal(ctx context.Context, url string) (*journal, error) {
	j := &journal{events: map[string][]notify.Event{}, changed: make(chan struct{})}
	var err error
	if j.conn, err = nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond), nats.Timeout(10*time.Second)); err != nil {
		return nil, fmt.Errorf("read stream %s: %w", stream, err)
	}
	js, err := jetstream.New(j.conn)
	if err != nil {
		return nil, fmt.Errorf("read stream %s: %w", stream, err)
	}
	var consumer jetstream.Consumer
	err = wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		consumer, err = js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{
			FilterSubjects: []string{notify.AllSubjects}, DeliverPolicy: jetstream.DeliverAllPolicy,
		})
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			return false, nil
		}
		return err == nil, err
	})
	if err == nil {
		j.reading, err = consumer.Consume(j.received)
	}
	if err != nil {
		j.close()
		return nil, fmt.Errorf("read stream %s: %w", stream, err)
	}
	return j, nil
}

func (j *journal) close() {
	if j.reading != nil {
		j.reading.Stop()
	}
	j.conn.Close()
}

func (j *journal) received(m jetstream.Msg) {
	e, err := notify.Decode(m.Data())
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		j.problem = fmt.Errorf("event on %s: %w", m.Subject(), err)
	} else {
		j.events[e.Data.Workload.Namespace] = append(j.events[e.Data.Workload.Namespace], e)
	}
	close(j.changed)
	j.changed = make(chan struct{})
}

// in are the events of a namespace so far; the channel is closed at the next one.
func (j *journal) in(namespace string) ([]notify.Event, <-chan struct{}, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clip(j.events[namespace]), j.changed, j.problem
}

// kind is noun.verb.
func kind(e *notify.Event) string {
	noun, verb, err := e.Kind()
	if err != nil {
		return e.Type
	}
	return noun + "." + verb
}
