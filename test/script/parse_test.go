package script_test

import (
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/test/script"
)

func TestParse(t *testing.T) {
	t.Parallel()
	s, err := script.Parse([]byte(`
seed: 7
backOff: {base: 1s}
nodes: [{node: scripted-1, after: 5s, for: 10s}]
rules:
  - name: crashes
    match: {namespaces: [demo, "team-*"], labels: {app: web}, image: "*:v1.1", ordinals: "1-", node: "*-2"}
    per: revision
    play:
      exits: [{after: 1s, code: 3, times: 2}, {after: 500ms, reason: OOMKilled}]
      then: run
      ready: {flips: [{at: 1s, ready: true}, {at: 3s, ready: false}], loop: 5s}
      http: {port: 8080, routes: [{path: /, status: 500, chance: 0.5}]}
      evict: {after: 5s, reason: TerminationByKubelet}
`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Rules[0].Play.Exits[1].After.Duration != 500*time.Millisecond || s.BackOff.Base.Duration != time.Second {
		t.Errorf("durations were not read: %+v", s)
	}
}

// TestParseReportsEveryError shows that each mistake is named by its path, and
// all of them at once.
func TestParseReportsEveryError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"unknown key": {
			`rules: [{play: {exit: []}}]`,
			`parse script: unknown field "rules[0].play.exit"`,
		},
		"repeated key": {"seed: 1\nseed: 2", `key "seed" already set in map`},
		"values": {
			`
backOff: {base: 5}
nodes: [{after: -1s}]
rules:
  - per: node
    match: {ordinals: 3-1, chance: 2}
    play:
      container: app
      start: soon
      jitter: -1
      then: stop
      exits: [{code: 300, times: -1, probe: readiness}]
      log: ["one\ntwo"]
      ready: {never: true, after: 1s}
      fail: {reason: ErrImagePull, cause: no-command}
      http: {port: 70000, routes: [{status: 42}]}
      evict: {reason: Bored}
`,
			`parse script: backOff.base: 5 is not a duration: write it with a unit, such as 500ms or 20s
nodes[0].node: is empty: name a node
nodes[0].after: -1s is negative: durations count from 0
rules[0].per: "node" is unknown: use one of pod, revision
rules[0].match.ordinals: "3-1" is not a place or a range: write 0, 0-2 or 3-
rules[0].match.chance: 2 is not a share: give a number from 0 to 1
rules[0].play.container: "app" belongs into match.container in a rule
rules[0].play.start: soon is not a duration: write it with a unit, such as 500ms or 20s
rules[0].play.jitter: -1 is not a share: give a number from 0 to 1
rules[0].play.then: "stop" is unknown: use one of repeat, run, hang
rules[0].play.fail.cause: "no-command" is unknown: use one of not-found, unauthorized, rate-limited, timeout
rules[0].play.exits[0].probe: "readiness" is unknown: use one of liveness, startup
rules[0].play.exits[0].times: -1 is negative: give how often, or 0 for once
rules[0].play.exits[0].code: 300 is not an exit code: give 0 to 255
rules[0].play.log[0]: "one\ntwo" is more than a line: make it several
rules[0].play.ready.never: excludes after and flips: keep one
rules[0].play.http.port: 70000 is not a port: give 1 to 65535, or 0 for the container's first, or 8080
rules[0].play.http.routes[0].status: 42 is not an HTTP status: give 100 to 599
rules[0].play.evict.reason: "Bored" is unknown: use one of EvictionByEvictionAPI, PreemptionByScheduler, DeletionByTaintManager, DeletionByPodGC, TerminationByKubelet`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := script.Parse([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

func TestParsePlayNamesItsPaths(t *testing.T) {
	t.Parallel()
	_, err := script.ParsePlay([]byte(`{exits: [{after: 1}], then: run}`))
	want := "parse play: exits[0].after: 1 is not a duration: write it with a unit, such as 500ms or 20s"
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}
