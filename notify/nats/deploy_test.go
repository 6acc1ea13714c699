package nats_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify/nats"
)

const deploy = "../../deploy/nats"

// shipped runs a server with one of the configurations of the repository; only
// where it listens and what it stores in are the test's own.
func shipped(t *testing.T, file string, edit func(*server.Options)) *server.Server {
	t.Helper()
	return withPasswords(t, filepath.Join(deploy, file), edit)
}

// withPasswords runs a server with a configuration that takes its passwords from
// the environment: each user's is its name and "-pw".
func withPasswords(t *testing.T, file string, edit func(*server.Options)) *server.Server {
	t.Helper()
	for name, value := range map[string]string{
		"UNDOG_PASSWORD": "undog-pw", "SUBSCRIBER_PASSWORD": "subscriber-pw", "REPORTER_PASSWORD": "reporter-pw",
		"ADMIN_PASSWORD": "admin-pw", "LEAF_PASSWORD": "leaf-pw", "SHOP_CI_PASSWORD": "shop-ci-pw",
	} {
		t.Setenv(name, value)
	}
	return configured(t, file, func(o *server.Options) {
		if !o.SyncAlways {
			t.Errorf("%s does not write to disk before it acknowledges", file)
		}
		o.Host, o.Port, o.StoreDir = "127.0.0.1", server.RANDOM_PORT, t.TempDir()
		if edit != nil {
			edit(o)
		}
	})
}

// shippedStream is the configuration of a stream of the repository.
func shippedStream(t *testing.T, file string) jetstream.StreamConfig {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(deploy, file))
	if err != nil {
		t.Fatal(err)
	}
	var cfg jetstream.StreamConfig
	if err := json.Unmarshal(data, &cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// as is a bare client that logs in with the password of the test.
func as(t *testing.T, ns *server.Server, user string) (*natsgo.Conn, jetstream.JetStream, <-chan error) {
	t.Helper()
	refused := make(chan error, 100)
	inbox := "_INBOX_" + user
	if user == "admin" {
		inbox = "_INBOX"
	}
	nc, err := natsgo.Connect(ns.ClientURL(), natsgo.UserInfo(user, user+"-pw"), natsgo.CustomInboxPrefix(inbox),
		natsgo.ErrorHandler(func(_ *natsgo.Conn, _ *natsgo.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, js, refused
}

// asUndog is a client with the password of the test.
func asUndog(t *testing.T, ns *server.Server, user string, opts nats.Options) *nats.Client {
	t.Helper()
	opts.URL, opts.User, opts.PasswordFile = ns.ClientURL(), user, secretFile(t, user+"-pw")
	if user != "admin" && opts.InboxPrefix == "" {
		opts.InboxPrefix = "_INBOX_" + user
	}
	c := connect(t, opts)
	if err := c.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	return c
}

// read is what a client finds in the stream.
func read(t *testing.T, c *nats.Client) []string {
	t.Helper()
	var ids []string
	if err := c.Tail(within(t), nats.TailOptions{}, func(r nats.Received) error {
		ids = append(ids, r.ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

// With the shipped accounts everybody can do what he has to.
func TestShippedAccountsSuffice(t *testing.T) {
	ns := shipped(t, "nats.conf", nil)
	_, admin, _ := as(t, ns, "admin")
	undog := asUndog(t, ns, "undog", nats.Options{Manage: nats.ManageVerify, Cluster: "demo"})
	if err := undog.Ensure(within(t)); err == nil || !strings.Contains(err.Error(), "does not exist") || !strings.Contains(err.Error(), "stream.json") {
		t.Errorf("without a stream: %v", err)
	}
	if _, err := admin.CreateStream(within(t), shippedStream(t, "stream.json")); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		if err := undog.Publish(within(t), event("web", n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := undog.Publish(within(t), event("web", 1)); err != nil || undog.Duplicates() != 1 {
		t.Errorf("again: %v, %d duplicates", err, undog.Duplicates())
	}
	known, err := undog.Known(within(t), time.Now().Add(-time.Hour))
	if err != nil || !known(event("web", 0).ID) || known("other") {
		t.Errorf("what it published is not known: %v", err)
	}
	if held, err := undog.Holding(within(t)); err != nil || held.Events != 2 {
		t.Errorf("holds %+v, error %v", held, err)
	}
	if s := undog.Status(); s.LastError != nil || s.Acks != nats.AcksUnknown {
		t.Errorf("status %+v", s)
	}
	if got := read(t, asUndog(t, ns, "subscriber", nats.Options{})); !slices.Equal(got, []string{event("web", 0).ID, event("web", 1).ID}) {
		t.Errorf("the subscriber read %v", got)
	}
	_, js, _ := as(t, ns, "subscriber")
	durable, err := js.CreateConsumer(within(t), nats.StreamName, jetstream.ConsumerConfig{Durable: "mine", FilterSubject: "undog.v1.event.>", AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal(err)
	}
	msg, err := durable.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := msg.DoubleAck(within(t)); err != nil {
		t.Error(err)
	}
}

// Only who may report is heard, and is answered.
func TestShippedReporterIsAnswered(t *testing.T) {
	ns := shipped(t, "nats.conf", nil)
	undog := asUndog(t, ns, "undog", nats.Options{Manage: nats.ManageNone})
	ctx, stop := context.WithCancel(within(t))
	served := make(chan error, 1)
	go func() {
		served <- undog.Serve(ctx, nats.Service{
			Subject: "undog.v1.req.demo.>",
			Handle:  func(_ context.Context, _ string, data []byte) []byte { return data },
			Refuse:  func(reason string) []byte { return []byte(reason) },
		})
	}()
	reporter := asUndog(t, ns, "reporter", nats.Options{})
	eventually(t, "answered", func() bool {
		answer, err := reporter.Request(within(t), "undog.v1.req.demo.shop.deployment.web.verdict", []byte("bad"))
		return err == nil && string(answer) == "bad"
	})
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// And nobody can do more.
func TestShippedAccountsForbidTheRest(t *testing.T) {
	ns := shipped(t, "nats.conf", nil)
	_, admin, _ := as(t, ns, "admin")
	if _, err := admin.CreateStream(within(t), shippedStream(t, "stream.json")); err != nil {
		t.Fatal(err)
	}
	const update, remove, purge = "$JS.API.STREAM.UPDATE.UNDOG", "$JS.API.STREAM.DELETE.UNDOG", "$JS.API.STREAM.PURGE.UNDOG"
	const event, verdict, other = "undog.v1.event.demo.shop.deployment.web.rollback.done", "undog.v1.req.demo.shop.deployment.web.verdict", "shop.orders"
	for user, tc := range map[string]struct{ publish, subscribe []string }{
		"undog":      {[]string{update, remove, purge, other, verdict, "$JS.API.STREAM.CREATE.OTHER"}, []string{">", "undog.v1.event.>", "_INBOX_reporter.>", "_INBOX.>"}},
		"subscriber": {[]string{update, remove, purge, other, verdict, event}, []string{">", "undog.v1.req.>", "_INBOX_undog.>"}},
		"reporter":   {[]string{update, remove, purge, other, event, "$JS.API.STREAM.INFO.UNDOG", "$JS.API.CONSUMER.CREATE.UNDOG.x"}, []string{">", "undog.v1.event.>", "undog.v1.req.>"}},
		"admin":      {[]string{event, verdict, other}, []string{">", "undog.v1.req.>"}},
	} {
		nc, _, refused := as(t, ns, user)
		expect := func(what string, err error) {
			t.Helper()
			if err := errors.Join(err, nc.FlushWithContext(within(t))); err != nil {
				t.Fatalf("%s: %s: %v", user, what, err)
			}
			select {
			case err := <-refused:
				if !errors.Is(err, natsgo.ErrPermissionViolation) {
					t.Errorf("%s: %s: got error %v", user, what, err)
				}
			case <-within(t).Done():
				t.Errorf("%s may %s", user, what)
			}
		}
		for _, subject := range tc.publish {
			expect("publish to "+subject, nc.Publish(subject, []byte("{}")))
		}
		for _, subject := range tc.subscribe {
			_, err := nc.SubscribeSync(subject)
			expect("subscribe to "+subject, err)
		}
	}
	s, err := admin.Stream(within(t), nats.StreamName)
	if err != nil || s.CachedInfo().State.Msgs != 0 {
		t.Errorf("the stream was touched (error %v)", err)
	}
}
