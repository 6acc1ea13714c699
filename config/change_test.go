package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
)

func TestChanges(t *testing.T) {
	old, now := config.Default(), config.Default()
	if got := config.Changes(&old, &now); len(got) > 0 {
		t.Errorf("between two that are the same: %v", got)
	}
	now.Mode, now.Policies = policy.Observe, nil
	now.Brake.Within = config.Duration(time.Minute)
	now.NATS.URL, now.NATS.Listen = "nats://undog:hunter2@nats:4222", "127.0.0.1:4333"
	now.Log = config.Log{Level: "debug", Format: "json"}
	now.Watch.Namespaces = []string{"shop"}
	var said []string
	for _, c := range config.Changes(&old, &now) {
		said = append(said, string(c.Counts)+" "+c.String())
	}
	want := `atOnce mode: "enforce" → "observe"
nextStart watch.namespaces
nextStart nats.url
nextStart nats.listen: "127.0.0.1:4222" → "127.0.0.1:4333"
atOnce log.level: "info" → "debug"
nextStart log.format: "console" → "json"
laterRollouts brake.within: "10m" → "1m"
laterRollouts policies`
	if got := strings.Join(said, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
