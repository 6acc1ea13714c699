package config_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
)

// Each key of the file either counts while undog runs or takes a restart.
func TestEachKeyIsOneOrTheOther(t *testing.T) {
	for field := range reflect.TypeFor[config.Config]().Fields() {
		key := field.Tag.Get("yaml")
		if slices.Contains(config.AtStart(), key) == slices.Contains(config.WhileRunning(), key) {
			t.Errorf("%s is in both lists or in none: say whether it counts while undog runs", key)
		}
	}
	if got, want := len(config.AtStart())+len(config.WhileRunning()), reflect.TypeFor[config.Config]().NumField(); got != want {
		t.Errorf("the lists have %d keys, the configuration %d", got, want)
	}
}

func TestChanges(t *testing.T) {
	old, now := config.Default(), config.Default()
	if got := config.Changes(&old, &now); len(got) > 0 {
		t.Errorf("between two that are the same: %v", got)
	}
	now.Mode, now.Policies = policy.Observe, nil
	now.Brake.Within = config.Duration(time.Minute)
	now.NATS.URL, now.NATS.Listen = "nats://undog:hunter2@nats:4222", "127.0.0.1:4333"
	now.Watch.Namespaces = []string{"shop"}
	var said []string
	for _, c := range config.Changes(&old, &now) {
		text := c.String()
		if c.Restart {
			text = "restart: " + text
		}
		said = append(said, text)
	}
	want := `mode: "enforce" → "observe"
restart: watch.namespaces
restart: nats.url
restart: nats.listen: "127.0.0.1:4222" → "127.0.0.1:4333"
brake.within: "10m" → "1m"
policies`
	if got := strings.Join(said, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
