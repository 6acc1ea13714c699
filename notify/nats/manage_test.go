package nats_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify/nats"
)

// Whatever the stream looks like, it is not written to by one who only verifies.
func TestVerifyWritesNothing(t *testing.T) {
	c, js := online(t, nats.Options{Manage: nats.ManageVerify, Replicas: 3})
	err := c.Publish(within(t), event("web", 0))
	if err == nil || !strings.Contains(err.Error(), "does not exist") || !strings.Contains(err.Error(), "nats.stream.manage to ensure") {
		t.Errorf("without a stream: %v", err)
	}
	if _, err := js.Stream(within(t), nats.StreamName); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("there is one now (error %v)", err)
	}
	cfg := fit()
	cfg.Retention, cfg.Discard = jetstream.InterestPolicy, jetstream.DiscardOld
	if _, err := js.CreateStream(within(t), cfg); err != nil {
		t.Fatal(err)
	}
	err = c.Publish(within(t), event("web", 0))
	if _, wrong := errors.AsType[*nats.StreamError](err); !wrong {
		t.Fatalf("got error %v", err)
	}
	for _, want := range []string{"retention is interest", "replicas are 1, must be at least 3", "nats stream rm UNDOG", "stream.json"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "undog then creates") {
		t.Errorf("it promises what it may not do: %v", err)
	}
}

// One who does not even look publishes to whatever is there, and says so when
// nothing is.
func TestNoneDoesNotLook(t *testing.T) {
	c, js := online(t, nats.Options{Manage: nats.ManageNone})
	if err := c.Ensure(within(t)); err != nil {
		t.Error(err)
	}
	err := c.Publish(within(t), event("web", 0))
	if err == nil || !strings.Contains(err.Error(), "nats.stream.manage is none") || c.Status().Stream {
		t.Errorf("without a stream: %v, status %+v", err, c.Status())
	}
	if _, err := js.CreateStream(within(t), jetstream.StreamConfig{Name: nats.StreamName, Subjects: []string{"undog.>"}, Storage: jetstream.MemoryStorage}); err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(within(t), event("web", 0)); err != nil {
		t.Error(err)
	}
	if s := c.Status(); s.Acks != nats.AcksUnknown || !s.Stream {
		t.Errorf("status %+v", s)
	}
}

func TestWhatAcksAreWorth(t *testing.T) {
	for name, tc := range map[string]struct {
		sync    bool
		storage jetstream.StorageType
		want    nats.Durability
	}{
		"a server that says nothing":       {false, jetstream.FileStorage, nats.AcksUnknown},
		"the server inside undog":          {true, jetstream.FileStorage, nats.AcksDurable},
		"memory, whatever the server does": {true, jetstream.MemoryStorage, nats.AcksNotDurable},
	} {
		t.Run(name, func(t *testing.T) {
			c, js := online(t, nats.Options{SyncAlways: tc.sync})
			cfg := fit()
			cfg.Storage, cfg.Compression = tc.storage, jetstream.NoCompression
			if _, err := js.CreateStream(within(t), cfg); err != nil {
				t.Fatal(err)
			}
			var wrong *nats.StreamError
			if err := c.Ensure(within(t)); err != nil && !errors.As(err, &wrong) {
				t.Fatal(err)
			}
			if got := c.Status().Acks; got != tc.want {
				t.Errorf("acks are %d, want %d", got, tc.want)
			}
		})
	}
}
