package subscribe_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify/nats/subscribe"
)

// manage is JetStream for whoever looks after the server.
func (s *server) manage(t *testing.T) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(s.connect(t))
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// putAhead makes the consumer as one that was taken over from a stream that had
// got further.
func putAhead(t *testing.T, js jetstream.JetStream, at uint64) {
	t.Helper()
	_, err := js.CreateConsumer(within(t), subscribe.DefaultStream, jetstream.ConsumerConfig{
		Durable: "bot", FilterSubject: "undog.v1.event.*.*.*.*.*.*", DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: at,
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: subscribe.DefaultAckWait, MaxDeliver: -1, MaxAckPending: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A consumer that has got further than the stream would wait for numbers that
// are to come, and pass over what is there.
func TestConsumerAheadOfItsStream(t *testing.T) {
	s := start(t)
	s.publish(t, bad(1, 3)...)
	putAhead(t, s.manage(t), 1000)
	next := follow(t, subscribe.Options{Conn: s.connect(t), Durable: "bot", MinWait: 10 * time.Millisecond})
	equal(t, []string{next(), next(), next()}, ids(1, 3))
	s.publish(t, bad(4, 4)...)
	equal(t, []string{next()}, ids(4, 4))
}

// The server comes back without the last of what it had acknowledged, and with
// a consumer that had received all of it. What comes then gets numbers that the
// consumer has passed: each is received all the same, whether the subscriber
// was there meanwhile or begins again with the same name.
func TestTruncatedStream(t *testing.T) {
	for name, stays := range map[string]bool{"the subscriber stays": true, "the subscriber comes back": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := serve(t, "127.0.0.1:0", dir)
			listen := strings.TrimPrefix(s.url, "nats://")
			nc, seen := s.connect(t), subscribe.NewWindow(100)
			opts := subscribe.Options{Conn: nc, Durable: "bot", MinWait: 10 * time.Millisecond, Seen: seen}
			s.publish(t, bad(1, 20)...)
			var next func() string
			if stays {
				next = follow(t, opts)
				for range 20 {
					next()
				}
			} else {
				collect(t, 20, opts)
			}
			s.stop()
			cutHalf(t, dir)
			s = serve(t, listen, dir)
			t.Cleanup(s.stop)
			js := s.manage(t)
			stream, err := js.Stream(within(t), subscribe.DefaultStream)
			if err != nil {
				t.Fatal(err)
			}
			left := stream.CachedInfo().State.LastSeq
			if left >= 20 {
				t.Fatalf("the stream has lost nothing: %d", left)
			}
			if err := js.DeleteConsumer(within(t), subscribe.DefaultStream, "bot"); err != nil {
				t.Fatal(err)
			}
			// What a cluster of servers keeps: it does not put consumers right.
			putAhead(t, js, 21)
			if !stays {
				opts.Conn = nc
				next = follow(t, opts)
			}
			s.publish(t, bad(21, 23)...)
			equal(t, []string{next(), next(), next()}, ids(21, 23))
		})
	}
}

// cutHalf cuts the second half off every block of messages, and removes the
// index that says what was there.
func cutHalf(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(path, ".blk"):
			info, err := d.Info()
			if err != nil {
				return err
			}
			return os.Truncate(path, info.Size()/2)
		case strings.HasSuffix(path, "index.db"):
			return os.Remove(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
