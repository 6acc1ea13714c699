package cel_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/undog-dev/undog/policy/cel"
)

// What cannot be compiled is refused with a position and a way out.
func TestCompileRefuses(t *testing.T) {
	for expression, want := range map[string]string{
		``:                            `1:1: is empty; write a condition such as finding.failures.exists(f, f.exitCode == 1)`,
		" \n":                         `1:1: is empty; write a condition such as finding.failures.exists(f, f.exitCode == 1)`,
		`revision.podz > 3`:           `1:9: there is no field podz; did you mean pods?`,
		"true &&\n  revison.pods > 1": `2:3: there is no revison; did you mean revision?`,
		`finding.failures.exists(f, f.exitcode == 1)`:               `1:29: there is no field exitcode; did you mean exitCode?`,
		`revision.pods > 1 && workload.nane == "a" && old.redy > 1`: "1:30: there is no field nane; did you mean name?\n1:49: there is no field redy; did you mean ready?",
		`finding.failures[0].first == finding.failures[0].last`:     `1:20: there is no field first; there are age,`,
		`now() > 1`:                    `1:4: there is no now; there are changes, finding, old, revision, rollout, workload`,
		`revision.pods == "a"`:         `1:15: == cannot be used on (int, string)`,
		`revision.pods > 1.5`:          `1:15: > cannot be used on (int, double)`,
		`revision.pods`:                `1:1: is a number, not true or false; compare it with something`,
		`revision.images`:              `1:1: is a list, not true or false; compare it with something`,
		`workload.name`:                `1:1: is a text, not true or false; compare it with something`,
		`revision`:                     `1:1: is a cel.Revision, not true or false; compare it with something`,
		`rollout.age`:                  `1:1: is a duration, not true or false; compare it with something`,
		`null`:                         `1:1: is a null_type, not true or false; compare it with something`,
		`[]`:                           `1:1: is a list, not true or false; compare it with something`,
		`revision.pods ==`:             `1:17: Syntax error: mismatched input '<EOF>'`,
		`revision.pods = 3`:            `1:15: Syntax error: token recognition error at: '= '`,
		`rollout.age > duration("x")`:  `1:24: is not a duration; write one such as duration("90s") or duration("1h30m")`,
		`finding.message.matches("(")`: `1:25: is not a regular expression`,
		`finding.message.matches("((a{1,100}){1,100})")`: `1:25: `,
		// What would make the answer depend on the machine or on chance.
		`timestamp("2026-01-01T00:00:00Z").getHours("Europe/Berlin") == 1`:     `timestamp is left out of the language here`,
		`google.protobuf.Timestamp{seconds: 1}.getHours("Europe/Berlin") == 1`: `getHours is left out of the language here`,
		`google.protobuf.Timestamp{seconds: 1} == google.protobuf.Timestamp{}`: `makes an object of type google.protobuf.Timestamp; only compare what is there`,
		`cel.Finding{reason: "x"}.reason == "x"`:                               `1:12: makes an object of type cel.Finding; only compare what is there`,
		`dyn(revision).podz == 1`:                                              `dyn is left out of the language here`,
		`workload.labels.exists(k, k == "a")`:                                  `1:9: goes through a map, which has no order`,
		`{"a": 1, "b": 2}.map(k, k)[0] == "a"`:                                 `goes through a map, which has no order`,
		`[1, "a"].size() == 2`:                                                 `1:5: `,
		// What would take too long.
		`changes.exists(a, changes.exists(b, changes.exists(c, a.path == b.path && b.path == c.path)))`:                    `1:1: may cost `,
		`finding.failures.map(a, finding.failures.map(b, finding.failures.map(c, finding.failures.map(d, 1)))).size() > 1`: `1:1: may cost `,
		strings.Repeat("(", 60) + "true" + strings.Repeat(")", 60):                                                         `1:`,
		`"` + strings.Repeat("x", 5000) + `" == "x"`:                                                                       `1:1: is longer than 4096 bytes`,
		"\x00":     `1:1: Syntax error`,
		"\xff\xfe": `1:1: Syntax error`,
	} {
		_, err := cel.Compile(expression)
		var wrong *cel.Error
		if !errors.As(err, &wrong) {
			t.Errorf("%.100q: %v is no *Error", expression, err)
			continue
		}
		if got := err.Error(); !strings.Contains(got, want) {
			t.Errorf("%.100q\n got %s\nwant %s", expression, got, want)
		}
		if len(wrong.Faults) > 5 || len(err.Error()) > 2000 {
			t.Errorf("%.100q: %d faults, %d bytes", expression, len(wrong.Faults), len(err.Error()))
		}
		for _, f := range wrong.Faults {
			if f.Line < 1 || f.Column < 1 || f.Text == "" {
				t.Errorf("%.100q: fault %+v", expression, f)
			}
		}
	}
}
