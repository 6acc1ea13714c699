package cel

import (
	"errors"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestScratch(t *testing.T) {
	c := &policy.Case{At: noon, Observation: &policy.Observation{Labels: map[string]string{"a": "b"}, Replicas: 3}, Revision: &policy.Revision{Pods: 3, Failures: []policy.Failure{{ExitCode: 3, Reason: "Error"}}}}
	for _, e := range []string{
		`workload.labels["a"] == "b"`, `workload.labels["z"] == "b"`, `revision.podz > 3`, `revision.pods >= 3 && revision.failures.all(f, f.exitCode == 3)`,
		`revision.pods`, `rollout.age < duration("1m")`, `timestamp("2026-01-01T00:00:00Z") > timestamp("2026-01-01T00:00:00Z")`,
		`workload.labels.exists(k, k == "a")`, `cel.Finding{reason: "x"}.reason == "x"`, `revison.pods > 1`, `revision.pods == "a"`, `revision.pods ==`, `1 / (revision.pods - 3) == 1`,
		`changes.exists(a, changes.exists(b, changes.exists(c, a.path == b.path && b.path == c.path)))`,
		`finding.message.matches("(a*)*b")`, `finding.message.matches("(")`, `size(revision.images) == 0`, `old.number == 0`, `changes.size() == 0`, `finding.failures.first`, `finding.failures[0].first == 1`,
		`finding.failures.map(f, f.samples.map(s, s + s)).size() > 0`, `dyn(revision).x == 1`, `"a" in workload.labels`, `now() > 1`, `true`, `revision.age > duration("x")`,
		`google.protobuf.Timestamp{seconds: 1}.getHours("Europe/Berlin") == 1`, `'\xff' == 'a'`, "\x00", `has(revision.pods)`, `has(workload.labels.a)`, `size(revision)==1`, `foo(1)`, `"a".foo()`, `finding.failures.exists(f, f.exitcode == 1)`,
		`revision.pods > 1.5`,
	} {
		p, err := Compile(e)
		if err != nil {
			var ee *Error
			t.Logf("%s\n    ERR %v (%v)", e, err, errors.As(err, &ee))
			continue
		}
		ok, err := p(c, policy.Finding{Level: policy.Convicting, Reason: "CrashLoop", Failures: c.Revision.Failures})
		t.Logf("%s\n    = %v, %v", e, ok, err)
	}
}
