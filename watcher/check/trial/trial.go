package trial

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/differ"
	"github.com/undog-dev/undog/watcher/check/play"
)

// Pods are who is asked.
type Pods struct {
	New play.Target
	// Old are two pods of the old revision, one twice, or none.
	Old []play.Target
}

// Trial is what was found. Result and Steps are redacted; the plays hold the
// responses as they were.
type Trial struct {
	// Result is the judged one. It is Failed with ReasonDifference if only the
	// comparison convicts.
	Result check.Result
	// Steps has a report for each step that all three pods answered.
	Steps []Step
	New   play.Play
	Old   []play.Play
}

// Step is the comparison of one step's answers.
type Step struct {
	Name   string
	Report differ.Report
}

// Run plays the check on all pods at once and returns when all have ended.
func Run(ctx context.Context, p *play.Player, persona play.Persona, pods Pods) Trial {
	plays := make([]play.Play, 1+len(pods.Old))
	var wg sync.WaitGroup
	for i, target := range append([]play.Target{pods.New}, pods.Old...) {
		wg.Go(func() { plays[i] = p.Play(ctx, target, persona) })
	}
	wg.Wait()
	t := Trial{New: plays[0], Old: plays[1:]}
	old := make([]check.Result, len(t.Old))
	passed := true
	for i := range t.Old {
		old[i] = t.Old[i].Result
		passed = passed && old[i].Outcome == check.Passed
	}
	t.Result = check.Judge(t.New.Result, old...)
	if len(t.Old) < 2 {
		return t
	}
	t.compare(persona)
	// A check that does not pass on the old revision says nothing about the new.
	if passed && t.Result.Outcome != check.Failed {
		t.convict()
	}
	return t
}

// options are what package differ is told about the persona and the plays.
func (t *Trial) options(persona play.Persona) differ.Options {
	known := slices.Concat(slices.Sorted(maps.Values(persona.Values)), slices.Sorted(maps.Values(persona.Secrets)))
	return differ.Options{Known: known, Redact: func(s string) string {
		s = t.New.Redact(s)
		for i := range t.Old {
			s = t.Old[i].Redact(s)
		}
		return s
	}}
}

func (t *Trial) compare(persona play.Persona) {
	options := t.options(persona)
	for i, x := range t.New.Exchanges {
		if i >= len(t.Old[0].Exchanges) || i >= len(t.Old[1].Exchanges) {
			return
		}
		a, b := t.Old[0].Exchanges[i].Response, t.Old[1].Exchanges[i].Response
		if x.Response != nil && a != nil && b != nil {
			t.Steps = append(t.Steps, Step{x.Step, differ.Compare(a, b, x.Response, options)})
		}
	}
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
		t.Result.Excerpt = d.New
		return
	}
}
