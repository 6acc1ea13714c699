//go:build e2e

package incluster_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/test/cluster/chart"
)

// durable are the events that each bad release must lead to, whatever dies.
var durable = []string{"verdict.bad", "rollback.done"}

// wantAnswers asks an undog in its pod, as docs/operations.md says.
func (i *installed) wantAnswers(name string) {
	i.t.Helper()
	i.available()
	for command, want := range map[string]string{"history": "was undone: back to revision 1", "explain": shop + "/" + name} {
		if out := i.kubectl(nil, "-n", chart.Namespace, "exec", "deploy/undog", "--", "/undog", command, shop+"/"+name); !strings.Contains(out, want) {
			i.t.Errorf("undog %s in its pod says\n%s\nwant %q", command, out, want)
		}
	}
}

// wantTold fails unless the stream has each durable event once.
func (i *installed) wantTold() {
	i.t.Helper()
	conn, err := nats.Connect(i.nats, nats.UserInfo("admin", "admin-pw"), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1))
	if err != nil {
		i.t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		i.t.Fatal(err)
	}
	var told map[string]int
	err = wait.PollUntilContextCancel(i.ctx, 500*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		told, err = read(ctx, js)
		if err != nil {
			return false, err
		}
		for _, f := range faults {
			for _, kind := range durable {
				if told[shop+"/deployment/"+f.name+" "+kind] == 0 {
					return false, nil
				}
			}
		}
		return true, nil
	})
	if err != nil {
		i.t.Fatalf("the stream lacks an event: %v; it has %v", err, told)
	}
	for what, n := range told {
		if n != 1 {
			i.t.Errorf("%s is told %d times, want once", what, n)
		}
	}
}

// read counts the durable events by subject and kind. An id that is there twice
// counts twice.
func read(ctx context.Context, js jetstream.JetStream) (map[string]int, error) {
	stream, err := js.Stream(ctx, "UNDOG")
	if err != nil {
		return nil, fmt.Errorf("look at the stream: %w", err)
	}
	told := map[string]int{}
	state := stream.CachedInfo().State
	for seq := state.FirstSeq; seq <= state.LastSeq; seq++ {
		msg, err := stream.GetMsg(ctx, seq)
		if err != nil {
			return nil, fmt.Errorf("read the stream: %w", err)
		}
		e, err := notify.Decode(msg.Data)
		if err != nil {
			return nil, err
		}
		for _, kind := range durable {
			if e.Type == "dev.undog."+kind+".v1" {
				told[e.Subject+" "+kind]++
			}
		}
	}
	return told, nil
}
