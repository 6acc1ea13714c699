package app

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

// NATS is away when undog stops: what waits is given up soon, and not only when
// the time to stop has run out.
func TestDrainWithoutNATS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		log := slog.New(slog.NewTextHandler(&text, nil))
		client, err := nats.Connect(nats.Options{InProcess: nowhere{}})
		if err != nil {
			t.Fatal(err)
		}
		box, err := outbox.New(outbox.Options{Publisher: client, Cluster: "demo", Log: log})
		if err != nil {
			t.Fatal(err)
		}
		e := &events{client: client, outbox: box, log: log}
		running, stop := context.WithCancel(t.Context())
		e.stop = stop
		e.ended.Go(func() { _ = box.Run(running) })
		box.Add(policy.Transition{ID: "1", At: time.Now(), Kind: policy.VerdictBad, Reason: "CrashLoop", Message: "it crashed", Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "u"}})
		ending, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		e.drain(ending)
		if ending.Err() != nil || !strings.Contains(text.String(), "NATS is away") {
			t.Errorf("stopped with %v, log: %s", ending.Err(), text.String())
		}
		if err := e.close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// nowhere is a server that cannot be reached.
type nowhere struct{}

func (nowhere) InProcessConn() (net.Conn, error) { return nil, syscall.ECONNREFUSED }
