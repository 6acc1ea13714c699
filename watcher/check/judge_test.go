package check_test

import (
	"testing"

	"github.com/undog-dev/undog/watcher/check"
)

func TestJudge(t *testing.T) {
	passed := check.Result{Outcome: check.Passed}
	failed := check.Result{Outcome: check.Failed, Reason: check.ReasonExpectation, Message: "m"}
	silent := check.Result{Outcome: check.Inconclusive, Reason: check.ReasonTimeout}
	circle := check.Result{Outcome: check.Inconclusive, Reason: check.ReasonLoop}
	lost := check.Result{Outcome: check.Inconclusive, Reason: check.ReasonCapture}
	limited := check.Result{Outcome: check.Inconclusive, Reason: check.ReasonRateLimited}
	for name, tt := range map[string]struct {
		result check.Result
		old    []check.Result
		want   check.Outcome
	}{
		"passed":                   {passed, []check.Result{failed}, check.Passed},
		"failed without old":       {failed, nil, check.Failed},
		"failed, old passed":       {failed, []check.Result{passed, passed}, check.Failed},
		"failed, one old silent":   {failed, []check.Result{passed, silent}, check.Failed},
		"failed, one old failed":   {failed, []check.Result{passed, failed}, check.Inconclusive},
		"failed, old inconclusive": {failed, []check.Result{silent, limited}, check.Inconclusive},
		"silent without old":       {silent, nil, check.Inconclusive},
		"silent, old passed":       {silent, []check.Result{passed, passed}, check.Failed},
		"silent, one old silent":   {silent, []check.Result{passed, silent}, check.Inconclusive},
		"silent, one old failed":   {silent, []check.Result{passed, failed}, check.Inconclusive},
		"silent, old limited":      {silent, []check.Result{limited}, check.Inconclusive},
		"in a circle, old passed":  {circle, []check.Result{passed, passed}, check.Failed},
		"in a circle, old too":     {circle, []check.Result{circle, circle}, check.Inconclusive},
		"capture lost, old passed": {lost, []check.Result{passed}, check.Inconclusive},
		"rate limited, old passed": {limited, []check.Result{passed}, check.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			got := check.Judge(tt.result, tt.old...)
			if got.Outcome != tt.want {
				t.Errorf("judged %s, want %s", got.Outcome, tt.want)
			}
			if changed := got.Outcome != tt.result.Outcome; changed != (got.Message != tt.result.Message) {
				t.Errorf("outcome %s became %s with message %q", tt.result.Outcome, got.Outcome, got.Message)
			}
		})
	}
}
