package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
)

func TestEventsBadInput(t *testing.T) {
	for want, args := range map[string][]string{
		`--since "yesterday" is no time: write how long ago, such as 2h or 7d, or when, such as 20`: {"--since", "yesterday"},
		`--until "-1h" lies in the future`: {"--until", "-1h"},
		`--output is "yaml"`:               {"-o", "yaml"},
		"--timeline tells what is over":    {"--timeline", "--follow"},
		"--timeline is text":               {"--timeline", "-o", "json"},
		`type "rolback.*" matches no event: there are rollout.started, check.differs`: {"--type", "rolback.*"},
		"nothing lies between":                           {"--since", "1h", "--until", "2h"},
		`"web" is not NAMESPACE/NAME`:                    {"web"},
		`"shop/" is not NAMESPACE/NAME`:                  {"--deployment", "shop/"},
		"Deployment shop/web is not in --namespace blog": {"shop/web", "-n", "blog"},
		"shop/web and --deployment cart are both given":  {"shop/web", "--deployment", "cart"},
		`argument "cart" is one too many`:                {"shop/web", "cart"},
	} {
		code, _, err := start(t.Context(), t, &program{}, append([]string{"events"}, args...)...)
		if code == 0 || !strings.Contains(err, want) {
			t.Errorf("%q: exit code %d, %q, want %q", args, code, err, want)
		}
	}
}

// A Deployment is named as for the other commands, or by flags.
func TestEventsOfADeployment(t *testing.T) {
	url := natsServer(t)
	c, err := nats.Connect(nats.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.WaitConnected(ctx); err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{"shop/web", "shop/cart", "blog/web"} {
		namespace, name, _ := strings.Cut(of, "/")
		err := c.Publish(ctx, notify.New("rollout", "started", of, time.Now(), notify.Info, notify.Data{
			Cluster: "demo", Workload: notify.Workload{Kind: "Deployment", Namespace: namespace, Name: name, UID: of},
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
	for args, want := range map[string][]string{
		"":                         {"shop/web", "shop/cart", "blog/web"},
		"shop/web":                 {"shop/web"},
		"shop/web -n shop":         {"shop/web"},
		"--deployment shop/web":    {"shop/web"},
		"--deployment web":         {"shop/web", "blog/web"},
		"--deployment web -n blog": {"blog/web"},
		"--namespace shop":         {"shop/web", "shop/cart"},
	} {
		code, out, errs := start(ctx, t, &program{}, append([]string{"events", "--follow=false", "--nats-url", url}, strings.Fields(args)...)...)
		var got []string
		for word := range strings.FieldsSeq(out) {
			if strings.Contains(word, "/") {
				got = append(got, word)
			}
		}
		if code != 0 || !slices.Equal(got, want) {
			t.Errorf("undog events %s: exit code %d, %s\n%s\nwant events of %q", args, code, errs, out, want)
		}
	}
}
