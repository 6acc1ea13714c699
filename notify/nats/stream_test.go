package nats_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
)

func TestEnsureCreatesTheStream(t *testing.T) {
	c, js := online(t, nats.Options{})
	for range 2 {
		if err := c.Ensure(within(t)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := js.Stream(within(t), "UNDOG")
	if err != nil {
		t.Fatal(err)
	}
	cfg := s.CachedInfo().Config
	if !reflect.DeepEqual(cfg.Subjects, []string{"undog.v1.event.>"}) || cfg.Storage != jetstream.FileStorage ||
		cfg.Retention != jetstream.LimitsPolicy || cfg.MaxAge != 30*24*time.Hour || cfg.MaxMsgSize != 128<<10 ||
		cfg.Duplicates != 10*time.Minute || !cfg.AllowDirect || cfg.NoAck {
		t.Errorf("created %+v", cfg)
	}
}

// fit is a stream that undog accepts although it is not the one it would create.
func fit() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: nats.StreamName, Subjects: []string{notify.AllSubjects}, Storage: jetstream.FileStorage,
		Retention: jetstream.LimitsPolicy, MaxAge: 90 * 24 * time.Hour, MaxBytes: 1 << 20, Discard: jetstream.DiscardNew,
		Compression: jetstream.S2Compression, Duplicates: time.Minute,
	}
}

func TestFitStreamIsLeftAsItIs(t *testing.T) {
	c, js := online(t, nats.Options{})
	created, err := js.CreateStream(within(t), fit())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(within(t), event("web", 1)); err != nil {
		t.Fatal(err)
	}
	now, err := js.Stream(within(t), nats.StreamName)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(now.CachedInfo().Config, created.CachedInfo().Config) {
		t.Errorf("it was changed to %+v", now.CachedInfo().Config)
	}
}

func TestWrongStreamIsAnErrorThatSaysWhatToDo(t *testing.T) {
	const recreate = "nats stream rm UNDOG"
	for name, tc := range map[string]struct {
		edit func(*jetstream.StreamConfig)
		want []string
	}{
		"interest":    {func(c *jetstream.StreamConfig) { c.Retention = jetstream.InterestPolicy }, []string{"retention is interest, must be limits", recreate}},
		"work queue":  {func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy }, []string{"retention is workqueue, must be limits", recreate}},
		"memory":      {func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage }, []string{"storage is memory, must be file", recreate}},
		"narrow":      {func(c *jetstream.StreamConfig) { c.Subjects = []string{"undog.v1.event.demo.>"} }, []string{`subjects are ["undog.v1.event.demo.>"]`, "nats stream edit UNDOG --subjects 'undog.v1.event.>'"}},
		"wide":        {func(c *jetstream.StreamConfig) { c.Subjects = []string{"undog.>"} }, []string{`subjects are ["undog.>"]`, "--subjects"}},
		"more":        {func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, "audit.>") }, []string{`"audit.>"`, "--subjects"}},
		"no ack":      {func(c *jetstream.StreamConfig) { c.NoAck = true }, []string{"no_ack is set", "nats stream edit UNDOG --ack"}},
		"small":       {func(c *jetstream.StreamConfig) { c.MaxMsgSize = 1000 }, []string{"max_msg_size is 1000", "--max-msg-size=131072"}},
		"short-lived": {func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour }, []string{"max_age is 1h0m0s", "--max-age=30d"}},
		"last only":   {func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1 }, []string{"max_msgs_per_subject is 1", "--max-msgs-per-subject=-1"}},
		"mirror": {func(c *jetstream.StreamConfig) {
			c.Subjects, c.Mirror = nil, &jetstream.StreamSource{Name: "OTHER"}
		}, []string{"is a mirror", recreate}},
		"transform": {func(c *jetstream.StreamConfig) {
			c.SubjectTransform = &jetstream.SubjectTransformConfig{Source: ">", Destination: "x.>"}
		}, []string{"subject_transform", recreate}},
		"several": {func(c *jetstream.StreamConfig) { c.NoAck, c.MaxMsgSize = true, 9 }, []string{"no_ack", "max_msg_size", "--ack --max-msg-size=131072"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, js := online(t, nats.Options{})
			cfg := fit()
			cfg.Discard, cfg.MaxBytes = jetstream.DiscardOld, -1
			tc.edit(&cfg)
			created, err := js.CreateStream(within(t), cfg)
			if err != nil {
				t.Fatal(err)
			}
			err = c.Ensure(within(t))
			var wrong *nats.StreamError
			if !errors.As(err, &wrong) {
				t.Fatalf("got error %v, want a StreamError", err)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
			if err := c.Publish(within(t), event("web", 1)); !errors.As(err, &wrong) || notify.IsPermanent(err) {
				t.Errorf("publish: got error %v", err)
			}
			now, err := js.Stream(within(t), nats.StreamName)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(now.CachedInfo().Config, created.CachedInfo().Config) || now.CachedInfo().State.Msgs != 0 {
				t.Errorf("it was touched: %+v", now.CachedInfo())
			}
			if c.Status().LastError == nil {
				t.Error("the status does not tell")
			}
			// Once it is put right, undog goes on by itself. The server needs a
			// moment to clear the old store away.
			if err := js.DeleteStream(within(t), nats.StreamName); err != nil {
				t.Fatal(err)
			}
			eventually(t, "a stream put right", func() bool { return c.Publish(within(t), event("web", 1)) == nil })
		})
	}
}

func TestOverlappingStreamIsNamed(t *testing.T) {
	c, js := online(t, nats.Options{})
	if _, err := js.CreateStream(within(t), jetstream.StreamConfig{Name: "AUDIT", Subjects: []string{"undog.>"}}); err != nil {
		t.Fatal(err)
	}
	err := c.Publish(within(t), event("web", 1))
	var wrong *nats.StreamError
	if !errors.As(err, &wrong) || wrong.Stream != "AUDIT" || !strings.Contains(err.Error(), "nats stream edit AUDIT") {
		t.Errorf("got error %v", err)
	}
	s, err := js.Stream(within(t), "AUDIT")
	if err != nil || s.CachedInfo().State.Msgs != 0 {
		t.Errorf("the other stream got a message (error %v)", err)
	}
}

// A stream that takes over the subjects after undog's was deleted must not
// swallow events.
func TestStreamReplacedByAnother(t *testing.T) {
	c, js := online(t, nats.Options{})
	if err := c.Publish(within(t), event("web", 0)); err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(within(t), nats.StreamName); err != nil {
		t.Fatal(err)
	}
	// The server needs a moment to clear the old store away.
	eventually(t, "another stream", func() bool {
		_, err := js.CreateStream(within(t), jetstream.StreamConfig{Name: "AUDIT", Subjects: []string{"undog.>"}})
		return err == nil
	})
	err := c.Publish(within(t), event("web", 1))
	var wrong *nats.StreamError
	if !errors.As(err, &wrong) || notify.IsPermanent(err) {
		t.Errorf("got error %v", err)
	}
}
