package trial

import (
	"context"
	"fmt"
	"slices"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/differ"
	"github.com/undog-dev/undog/watcher/check/play"
)

// Pods are who is asked.
type Pods struct {
	New play.Target
	// Old are two pods of the old revision, one twice, or none.
	Old []play.Target
	// Kept has a baseline for each step, or nil for it; it is used if Old is empty.
	Kept []*differ.Baseline
}

// Trial is what was found. Result and Steps are redacted; the plays hold the
// responses as they were.
type Trial struct {
	// Result is the judged one. It is Failed with ReasonDifference if only the
	// comparison convicts.
	Result check.Result
	// Steps has a report for each step that all three pods answered, or for
	// which there was a baseline.
	Steps []Step
	New   play.Play
	Old   []play.Play

	options differ.Options
	// lost tells, for the new pod and each old one, whether it lost something
	// that the two others have.
	lost []bool
	// kept says that Steps are held against baselines.
	kept bool
	// twice says that both old plays were on one pod.
	twice bool
}

// Step is the comparison of one step's answers.
type Step struct {
	Name   string
	Report differ.Report
}

// Run plays the check on all pods and returns when all have ended.
func Run(ctx context.Context, p *play.Player, persona play.Persona, pods Pods) Trial {
	plays := playAll(ctx, p, persona, append([]play.Target{pods.New}, pods.Old...))
	t := Trial{New: plays[0], Old: plays[1:], lost: make([]bool, len(plays))}
	t.options = t.differing(persona)
	t.twice = len(pods.Old) == 2 && pods.Old[0].Pod == pods.Old[1].Pod && pods.Old[0].Host == pods.Old[1].Host
	old := make([]check.Result, len(t.Old))
	for i := range t.Old {
		old[i] = t.Old[i].Result
	}
	t.Result = check.Judge(t.New.Result, old...)
	if t.Result.Outcome == check.Passed && t.lockedOut() {
		return t
	}
	switch len(t.Old) {
	case 0:
		t.compareKept(pods.Kept)
	case 2:
		t.compare()
	}
	if t.lost[0] && t.Result.Outcome != check.Failed {
		t.convict()
	}
	return t
}

// differing are what package differ is told about the persona and the plays.
func (t *Trial) differing(persona play.Persona) differ.Options {
	plays := append([]play.Play{t.New}, t.Old...)
	return differ.Options{Known: persona.Known(), Redact: func(s string) string {
		for i := range plays {
			s = plays[i].Redact(s)
		}
		return s
	}}
}

// compare holds the new pod against the two old ones and, the same way round,
// each old one against the other two.
func (t *Trial) compare() {
	t.Steps = t.against(&t.Old[0], &t.Old[1], &t.New)
	t.lost[0] = passed(&t.Old[0], &t.Old[1]) && (convicts(t.Steps) || onlyThis(&t.New, &t.Old[0], &t.Old[1]))
	for i := range t.Old {
		if other := &t.Old[1-i]; passed(other, &t.New) {
			t.lost[1+i] = convicts(t.against(other, &t.New, &t.Old[i])) || onlyThis(&t.Old[i], other, &t.New)
		}
	}
}

// passed tells whether both passed: a check that does not pass on them says
// nothing about a third.
func passed(a, b *play.Play) bool {
	return a.Result.Outcome == check.Passed && b.Result.Outcome == check.Passed
}

func convicts(steps []Step) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.Report.Convicts() })
}

// against compares, step by step, what two pods answered with what a third did.
func (t *Trial) against(a, b, third *play.Play) []Step {
	var steps []Step
	for i, x := range third.Exchanges {
		if i >= len(a.Exchanges) || i >= len(b.Exchanges) {
			break
		}
		one, two := a.Exchanges[i].Response, b.Exchanges[i].Response
		if x.Response != nil && one != nil && two != nil {
			steps = append(steps, Step{x.Step, differ.Compare(one, two, x.Response, t.options)})
		}
	}
	return steps
}

// compareKept holds the new pod against what was kept of the old revision.
func (t *Trial) compareKept(kept []*differ.Baseline) {
	for i, x := range t.New.Exchanges {
		if i >= len(kept) {
			return
		}
		if kept[i] == nil || x.Response == nil {
			continue
		}
		report, err := differ.CompareBaseline(kept[i], x.Response, t.options)
		if err != nil {
			report = differ.Report{Reason: err.Error()}
		}
		t.Steps = append(t.Steps, Step{x.Step, report})
	}
	t.lost[0], t.kept = convicts(t.Steps), true
}

// convict takes the first loss over into the result.
func (t *Trial) convict() {
	for _, step := range t.Steps {
		if !step.Report.Convicts() {
			continue
		}
		d := step.Report.Differences[0]
		t.Result.Outcome, t.Result.Reason, t.Result.Step, t.Result.Expectation = check.Failed, check.ReasonDifference, step.Name, ""
		t.Result.Message = fmt.Sprintf("%s at %s: %q became %q: %s", d.Kind, d.Where, d.Old, d.New, d.Why)
		if t.kept {
			t.Result.Message += "; compared with what was kept of the old revision"
		}
		t.Result.Excerpt = d.New
		return
	}
	t.Result.Outcome, t.Result.Reason, t.Result.Step, t.Result.Expectation = check.Failed, check.ReasonDifference, refusedAt(&t.New), ""
	t.Result.Message = "it asks for the password again, which the old pods took"
}

// Keep makes a baseline of each step that both old plays answered alike; nil
// if not both of them passed.
func (t *Trial) Keep() []*differ.Baseline {
	if len(t.Old) != 2 || !passed(&t.Old[0], &t.Old[1]) {
		return nil
	}
	return Keep(&t.Old[0], &t.Old[1], t.options)
}

// Keep makes a baseline of each step of two plays of one revision. A step of
// which none can be made has nil.
func Keep(a, b *play.Play, o differ.Options) []*differ.Baseline {
	kept := make([]*differ.Baseline, min(len(a.Exchanges), len(b.Exchanges)))
	for i := range kept {
		if one, two := a.Exchanges[i].Response, b.Exchanges[i].Response; one != nil && two != nil {
			kept[i], _ = differ.Keep(one, two, o) // A step that cannot be kept is not compared.
		}
	}
	return kept
}
