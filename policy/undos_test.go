package policy_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// TestMarksOfUndos checks which of the undos that a workload remembers count:
// for the same template before, and for three within the hour.
func TestMarksOfUndos(t *testing.T) {
	at := noon.Add(time.Minute)
	own := healthy(1, noon).Workload.UID
	for name, test := range map[string]struct {
		mark func(n int) policy.Rollback
		want policy.DecisionKind
	}{
		"of this workload": {func(n int) policy.Rollback {
			return policy.Rollback{Workload: own, At: noon, Template: "other" + strconv.Itoa(n)}
		}, policy.Remember},
		"of this template": {func(int) policy.Rollback {
			return policy.Rollback{Workload: own, At: noon.AddDate(-1, 0, 0), Template: "t2"}
		}, ""},
		"of an old version": {func(int) policy.Rollback {
			return policy.Rollback{From: "rs-1", To: "rs-0", At: noon, Template: "other"}
		}, policy.Remember},
		"copied from another workload": {func(int) policy.Rollback {
			return policy.Rollback{Workload: "another", At: noon, Template: "t2"}
		}, policy.Undo},
		"copied from another workload, of an old version": {func(int) policy.Rollback {
			return policy.Rollback{From: "rs-8", To: "rs-9", At: noon, Template: "t2"}
		}, policy.Undo},
		"of this workload, in the future": {func(n int) policy.Rollback {
			return policy.Rollback{Workload: own, At: noon.AddDate(1, 0, 0), Template: "other" + strconv.Itoa(n)}
		}, policy.Undo},
		"of this template, in the future": {func(int) policy.Rollback {
			return policy.Rollback{Workload: own, At: noon.AddDate(1, 0, 0), Template: "t2"}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := policy.New(settings())
			e.Step(healthy(1, noon))
			o := broken(2, at)
			for n := range 3 {
				mark := test.mark(n)
				mark.DecisionID = "undo-" + strconv.Itoa(n)
				o.Rollbacks = append(o.Rollbacks, mark)
			}
			got := policy.DecisionKind("")
			for _, d := range step(e, o).Decisions {
				if d.From.UID == "rs-2" && d.Record.Verdict == policy.Bad {
					got = d.Kind
				}
			}
			if got != test.want {
				t.Errorf("decided to %q, want %q", got, test.want)
			}
			if o.Rollbacks[0].DecisionID != "undo-0" || len(o.Rollbacks) != 3 {
				t.Errorf("the observation was changed: %+v", o.Rollbacks)
			}
		})
	}
}
