package checkrun

import (
	"fmt"
	"strings"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/trial"
)

// Side is the pods of one revision that were asked.
type Side struct {
	// Revision is its number, 0 if the pod belongs to no Deployment.
	Revision int64
	Images   []string
	Pods     []string
}

// name is what a sentence calls the side.
func (s *Side) name() string {
	if s.Revision > 0 {
		return fmt.Sprintf("revision %d", s.Revision)
	}
	return "pod " + strings.Join(s.Pods, ", ")
}

// Result is what playing one check showed.
type Result struct {
	Check string
	// On is the Deployment or the pod that it was played on, with its namespace.
	On  string
	New Side
	// Old is nil where nothing could be compared, or was to be.
	Old *Side
	// Trial is nil for a check that is no script of requests. Without Old, its
	// old play is a second one on the new revision.
	Trial *trial.Trial
	// Sample is what the daemon would have weighed.
	Sample check.Sample
}

// Judged is how the check ended.
func (r *Result) Judged() check.Result {
	if r.Old != nil || r.Trial == nil {
		return r.Sample.Result
	}
	// Both plays were on the revision that is judged: the worse one counts.
	worst := r.Trial.New.Result
	for i := range r.Trial.Old {
		if again := r.Trial.Old[i].Result; rank(again.Outcome) > rank(worst.Outcome) {
			worst = again
		}
	}
	return worst
}

func rank(o check.Outcome) int {
	switch o {
	case check.Failed:
		return 2
	case check.Inconclusive:
		return 1
	case check.Passed:
	}
	return 0
}

// Sentence says in one what the result is.
func (r *Result) Sentence() string {
	judged := r.Judged()
	at := ""
	if judged.Step != "" {
		at = fmt.Sprintf(" at step %q", judged.Step)
	}
	text := ""
	switch judged.Outcome {
	case check.Passed:
		text = "passed" + r.passed()
	case check.Inconclusive:
		text = fmt.Sprintf("is inconclusive (%s)%s: %s", judged.Reason, at, judged.Message)
	case check.Failed:
		text = r.failed(judged, at)
	}
	return fmt.Sprintf("%s on %s %s", r.Check, r.On, text)
}

func (r *Result) passed() string {
	if r.Old == nil {
		return fmt.Sprintf(" on %s alone; there was nothing to compare with", r.New.name())
	}
	text := fmt.Sprintf(": %s does what is expected, and ", r.New.name())
	switch before := r.before(); {
	case before == check.Failed:
		return text + r.Old.name() + " does not"
	case before == check.Inconclusive:
		return text + r.Old.name() + " gave no result"
	case r.Trial == nil:
		return text + "so does " + r.Old.name()
	}
	return text + "nothing that " + r.Old.name() + " has is lost"
}

func (r *Result) failed(judged check.Result, at string) string {
	switch {
	case r.Old == nil:
		return fmt.Sprintf("failed%s: %s; there was nothing to compare with", at, judged.Message)
	case judged.Reason == check.ReasonDifference:
		return fmt.Sprintf("failed without an expectation: %s lost what %s has%s: %s", r.New.name(), r.Old.name(), at, judged.Message)
	case judged.Reason != check.ReasonExpectation || r.before() != check.Passed:
		return fmt.Sprintf("failed%s: %s", at, judged.Message)
	}
	return fmt.Sprintf("failed%s: %s; %s passed at the same moment", at, judged.Message, r.Old.name())
}

// before is how the pods of the old revision ended, the worst of them.
func (r *Result) before() check.Outcome {
	if r.Trial == nil {
		switch {
		case r.Sample.OldFailed > 0:
			return check.Failed
		case r.Sample.Old == 0:
			return check.Inconclusive
		}
		return check.Passed
	}
	worst := check.Passed
	for i := range r.Trial.Old {
		if o := r.Trial.Old[i].Result.Outcome; rank(o) > rank(worst) {
			worst = o
		}
	}
	return worst
}

// Worst is how several checks ended together.
func Worst(results []Result) check.Outcome {
	worst := check.Passed
	for i := range results {
		if o := results[i].Judged().Outcome; rank(o) > rank(worst) {
			worst = o
		}
	}
	return worst
}

// LaySummary says in a line how several checks ended.
func LaySummary(p *page.Page, results []Result) {
	count := map[check.Outcome]int{}
	for i := range results {
		count[results[i].Judged().Outcome]++
	}
	p.Title(fmt.Sprintf("%s: %d passed, %d failed, %d inconclusive",
		page.Count(len(results), "check"), count[check.Passed], count[check.Failed], count[check.Inconclusive]))
}
