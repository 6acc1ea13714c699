package cel_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/cel"
)

// FuzzCompile: no text panics, every refusal has words and places, and what is
// accepted gives the same answer twice.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		`true`, `revision.pods > 3`, `workload.labels["a"] == "b"`, `finding.failures.exists(f, f.exitCode == 1 && f.message.matches("^a+$"))`,
		`changes.map(c, c.path + c.to).size() > 3`, `old.images == revision.images || rollout.age > duration("5m")`,
		`{"a": [1, 2]}["a"].all(x, x in [1, 2])`, `"\u00e4" == b"\xff"`, `has(old.images) ? 1u < 2u : -1.5e3 > 0.0`, `size(workload.name) % 0 == 1`,
	} {
		f.Add(seed)
	}
	c, found := asked(f)
	f.Fuzz(func(t *testing.T, expression string) {
		predicate, err := cel.Compile(expression)
		if err != nil {
			var wrong *cel.Error
			if !errors.As(err, &wrong) || len(wrong.Faults) == 0 {
				t.Fatalf("%v is no *Error", err)
			}
			for _, fault := range wrong.Faults {
				if fault.Line < 1 || fault.Column < 1 || fault.Text == "" || utf8.ValidString(expression) && !utf8.ValidString(fault.Text) {
					t.Fatalf("fault %+v", fault)
				}
			}
			return
		}
		same := func(c *policy.Case) {
			first, err := predicate(c, found)
			second, again := predicate(c, found)
			if first != second || (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
				t.Fatalf("%v, %v and then %v, %v", first, err, second, again)
			}
		}
		same(c)
		same(&policy.Case{Observation: &policy.Observation{}, Revision: &policy.Revision{}})
	})
}
