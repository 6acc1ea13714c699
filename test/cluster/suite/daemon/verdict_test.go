package daemon_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
)

// says reports a verdict as people do, and returns what was printed and the
// exit code.
func (f *fixture) says(url, name, verdict, revision, reason string) (out string, code int) {
	f.t.Helper()
	out, err := f.tool("undog", "verdict", f.namespace+"/"+name, verdict, "--revision", revision, "--reason", reason,
		"--by", "smoke test", "--cluster", "demo", "--nats-url", url)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		f.t.Fatal(err)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	return out, code
}

// asks reports as a program does, which sends whatever it likes.
func (f *fixture) asks(url, name, body string) notify.VerdictReply {
	f.t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		f.t.Fatal(err)
	}
	defer conn.Close()
	subject, err := notify.VerdictSubject(notify.Address{Cluster: "demo", Namespace: f.namespace, Kind: "Deployment", Name: name})
	if err != nil {
		f.t.Fatal(err)
	}
	answer, err := conn.RequestWithContext(f.ctx, subject, []byte(body))
	if err != nil {
		f.t.Fatal(err)
	}
	reply, err := notify.DecodeReply(answer.Data)
	if err != nil {
		f.t.Fatal(err)
	}
	return reply
}

// A release that looks well and is reported bad is undone, and all who are
// told of it are told who said so and why.
func TestReportedBadIsUndone(t *testing.T) {
	f := newFixture(t)
	d := f.undog(setup{})
	j := f.journal(d.NATSURL)
	f.proven(j, 2)
	f.release(app, "1.1")
	f.running(app, "1.1")
	out, code := f.says(d.NATSURL, app, "bad", image("1.1"), "checkout fails for guests")
	if code != 0 || !strings.Contains(out, "is accepted") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	bad := f.undone(j, "1.1")
	if r := bad.Data.Reported; r == nil || r.Good || r.Reason != "checkout fails for guests" || r.By != "smoke test" || r.At.IsZero() {
		t.Errorf("the event says %+v of the report", r)
	}
	if !strings.Contains(bad.Data.Message, "smoke test") || !strings.Contains(bad.Data.Message, "checkout fails for guests") {
		t.Errorf("verdict is %s %q", bad.Data.Reason, bad.Data.Message)
	}
	f.recorded("1.1", "of the report", func(r policy.Record) bool { return r.Reported != nil && r.Reported.By == "smoke test" })
	f.wantUndos(app, 200)
	j.want("rollback.done", app, 1)
	j.wantOnce()
	for _, command := range [][]string{
		{"history", f.namespace + "/" + app, "--kubeconfig", undogKubeconfig},
		{"events", "--follow=false", "--nats-url", d.NATSURL},
	} {
		if out, err := f.tool("undog", command...); err != nil || !strings.Contains(out, "reported bad by smoke test: checkout fails for guests") {
			t.Errorf("undog %s: %v\n%s", command[0], err, out)
		}
	}
}

// Verdicts on what is not being judged, or that say nothing clear, are refused
// with the reason, and change nothing.
func TestReportsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	d := f.undog(setup{})
	j := f.journal(d.NATSURL)
	f.proven(j, 2)
	f.release(app, "1.1")
	f.running(app, "1.1")
	for _, tt := range []struct{ name, revision, reason, want string }{
		{app, "demo/app:7.0", "UnknownRevision", "has no revision"},
		{app, image("1.0"), "StaleRevision", "not the current one"},
		{"absent", image("1.1"), "NotFound", "there is no Deployment"},
	} {
		out, code := f.says(d.NATSURL, tt.name, "bad", tt.revision, "it is said so")
		if code != 1 || !strings.Contains(out, "is refused, "+tt.reason) || !strings.Contains(out, tt.want) {
			t.Errorf("%s %s: exit code %d: %s", tt.name, tt.revision, code, out)
		}
	}
	for body, want := range map[string]string{
		`bad`:                                 "no JSON object",
		`{"revision": "x", "verdict": "bad"}`: "reason is missing",
		`{"revision": "x", "verdict": "bad", "reason": "x", "force": "yes"}`:            `key "force" is not known`,
		`{"revision": "x", "verdict": "bad", "reason": "x", "name": "another"}`:         `the subject says "app"`,
		`{"revision": "` + strings.Repeat("x", notify.MaxRequest) + `", "reason": "x"}`: "at most 8192",
	} {
		if reply := f.asks(d.NATSURL, app, body); reply.Accepted || reply.Reason != notify.Malformed || !strings.Contains(reply.Message, want) {
			t.Errorf("%.80s: answer is %+v", body, reply)
		}
	}
	f.isGood(j, app, "1.1")
	f.wantUntouched(app)
	j.want("verdict.bad", app, 0)
	// What was proven can still be found out, once.
	if reply := f.asks(d.NATSURL, app, `{"revision": "`+image("1.1")+`", "verdict": "good", "reason": "all is well"}`); reply.Accepted || reply.Reason != policy.AnswerJudged {
		t.Errorf("answer is %+v", reply)
	}
	if _, code := f.says(d.NATSURL, app, "bad", image("1.1"), "found out late"); code != 0 {
		t.Errorf("exit code %d", code)
	}
	f.undone(j, "1.1")
	j.wantOnce()
}

// Where no undog runs, that is what is said.
func TestReportThatNobodyAnswers(t *testing.T) {
	f := newFixture(t)
	out, code := f.says(f.natsServer(), app, "bad", image("1.1"), "it is said so")
	if code != 3 || !strings.Contains(out, "no undog answers for cluster demo") {
		t.Errorf("exit code %d: %s", code, out)
	}
}
