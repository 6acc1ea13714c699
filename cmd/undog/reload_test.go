package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// running is what undog runs by in these tests.
const running = "cluster: demo\nprometheus: {url: \"http://prometheus:9090\"}\npolicies: [{name: a}]\n"

// What a reload does is told by when it counts; no secret is, and the exit code
// says whether undog takes the file.
func TestConfigCheckAgainst(t *testing.T) {
	old := write(t, running)
	for name, tt := range map[string]struct {
		now    string
		code   int
		stdout string
		stderr string
	}{
		"the same": {now: "# the same\n" + running, stdout: "FILE: says what OLD says; an undog that runs goes on as it does\n"},
		"taken": {
			now: strings.NewReplacer("9090", "9091", "name: a", "name: b").Replace(running) + "log: {level: debug}\nmode: observe\n",
			stdout: "FILE: an undog that runs by OLD takes it\n" +
				"counts at once:\n  mode: \"enforce\" → \"observe\"\n  log.level: \"info\" → \"debug\"\n" +
				"counts for rollouts that begin later, and at once where it forbids more:\n  policies\n  prometheus.url\n",
		},
		"not taken": {
			now:  strings.Replace(running, "demo", "other", 1) + "log: {level: debug}\nnats: {url: \"nats://a:hunter2@n:4222\"}\n",
			code: exitNextStart,
			stdout: "FILE: an undog that runs by OLD takes none of it: start undog anew, or take back what counts from the next start on\n" +
				"counts at once:\n  log.level: \"info\" → \"debug\"\n" +
				"counts from the next start on:\n  cluster: \"demo\" → \"other\"\n  nats.url\n",
		},
		"wrong": {now: "polices: []\n", code: exitError, stderr: "undog: the configuration cannot be used:\n  FILE:1: polices: unknown key; did you mean policies?\n"},
		"empty": {now: " \n", code: exitError, stderr: "undog: FILE: the file says nothing: somebody may be writing it; for the defaults write {}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, tt.now)
			code, stdout, stderr := start(t.Context(), t, &program{now: fixed}, "config", "check", file, "--against", old)
			names := strings.NewReplacer(file, "FILE", old, "OLD")
			if stdout, stderr = names.Replace(stdout), names.Replace(stderr); code != tt.code || stdout != tt.stdout || stderr != tt.stderr {
				t.Errorf("code %d, want %d\n%s%s\nwant\n%s%s", code, tt.code, stdout, stderr, tt.stdout, tt.stderr)
			}
		})
	}
}

// For programs it is the same answer, with why in the daemon's words.
func TestConfigCheckAgainstJSON(t *testing.T) {
	file := write(t, strings.Replace(running, "demo", "other", 1)+"log: {level: debug}\n")
	p := &program{now: fixed, in: strings.NewReader(running)}
	code, stdout, stderr := start(t.Context(), t, p, "config", "check", file, "--against", "-", "-o", "json")
	var got answer
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != exitNextStart || stderr != "" {
		t.Fatalf("code %d, %v: %s%s", code, err, stdout, stderr)
	}
	const why = `what undog reads only when it starts was changed: cluster: "demo" → "other"; start undog anew, or take that back`
	if got.File != file || got.Against != "standard input" || got.Taken || got.Why != why || len(got.Changes) != 2 ||
		got.Changes[0] != (change{"cluster", "nextStart", "demo", "other"}) || got.Changes[1] != (change{"log.level", "atOnce", "info", "debug"}) {
		t.Errorf("got %+v", got)
	}
	same := write(t, running)
	code, stdout, _ = start(t.Context(), t, &program{now: fixed}, "config", "check", same, "--against", same, "-o", "json")
	if code != exitOK || !strings.Contains(stdout, `"taken": true`) || !strings.Contains(stdout, `"changes": []`) {
		t.Errorf("code %d, %s", code, stdout)
	}
}
