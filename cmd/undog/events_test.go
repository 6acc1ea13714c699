package main

import (
	"strings"
	"testing"
)

func TestEventsBadInput(t *testing.T) {
	for want, args := range map[string][]string{
		`--since "yesterday" is no time: write how long ago, such as 2h or 7d, or when, such as 20`: {"--since", "yesterday"},
		`--until "-1h" lies in the future`: {"--until", "-1h"},
		`--output is "yaml"`:               {"-o", "yaml"},
		"--timeline tells what is over":    {"--timeline", "--follow"},
		"--timeline is text":               {"--timeline", "-o", "json"},
		`type "rolback.*" matches no event: there are rollout.started, check.differs`: {"--type", "rolback.*"},
		"nothing lies between": {"--since", "1h", "--until", "2h"},
	} {
		code, _, err := start(t.Context(), t, &program{}, append([]string{"events"}, args...)...)
		if code == 0 || !strings.Contains(err, want) {
			t.Errorf("%q: exit code %d, %q, want %q", args, code, err, want)
		}
	}
}
