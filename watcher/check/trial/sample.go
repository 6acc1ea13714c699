package trial

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/play"
)

// What a sample holds at most.
const (
	maxDifferences = 8
	// maxPatience is the longest Retry-After that is heeded.
	maxPatience = 10 * time.Minute
)

// Sample is the trial as it is counted. It is redacted and bounded. Pods have
// no nodes.
func (t *Trial) Sample() check.Sample {
	s := check.Sample{Check: t.New.Result.Check, At: t.New.Result.At, Result: t.Result}
	if t.Result.Reason == check.ReasonLogin {
		return s
	}
	answered := t.New.Result.Outcome == check.Passed
	for i := range t.Old {
		answered = answered || t.Old[i].Result.Outcome == check.Passed
	}
	if counted, failed := counts(&t.New, t.lost[0], answered); counted && !t.nothing() {
		s.New = 1
		s.NewFailed = number(failed)
		s.Silent = failed && silent(t.New.Result)
		s.Pods = []check.Pod{{Name: t.New.Result.Pod, Failed: failed}}
	}
	for i := range t.Old {
		if i > 0 && t.twice {
			break // A pod counts once, whatever it was good for besides.
		}
		if counted, failed := counts(&t.Old[i], t.lost[1+i], answered); counted {
			s.Old++
			s.OldFailed += number(failed)
		}
	}
	s.Absolute = t.New.Result.Outcome == check.Failed || t.lost[0] && t.kept
	s.Differences = t.differences()
	s.RetryAfter = t.patience()
	return s
}

// nothing tells whether a check without expectations passed while there was
// nothing to compare with: then nobody has looked at what the pod answered.
func (t *Trial) nothing() bool {
	compared := len(t.Steps) > 0 && (len(t.Old) < 2 || passed(&t.Old[0], &t.Old[1]))
	if compared || t.New.Result.Outcome != check.Passed {
		return false
	}
	return !slices.ContainsFunc(t.New.Exchanges, func(x play.Exchange) bool { return len(x.Expectations) > 0 })
}

// silent tells whether a pod did not answer, or only that it is not ready to. One
// that answers in a wrong way to begin with (TLS) is up.
func silent(r check.Result) bool {
	return r.Reason.Unanswered() && r.Reason != check.ReasonTLS || r.Status == http.StatusServiceUnavailable
}

// counts says whether a play counts, and as a failure. It knows nothing of the
// side that the pod is on.
func counts(p *play.Play, lost, answered bool) (counted, failed bool) {
	if lost {
		return true, true
	}
	return p.Result.Counts(answered)
}

func number(failed bool) int {
	if failed {
		return 1
	}
	return 0
}

// differences are those that convict nobody.
func (t *Trial) differences() []check.Difference {
	var out []check.Difference
	for _, step := range t.Steps {
		for _, d := range step.Report.Differences {
			if len(out) == maxDifferences {
				return out
			}
			if !d.Convicts {
				out = append(out, check.Difference{Kind: string(d.Kind), Where: step.Name + ": " + d.Where, Old: d.Old, New: d.New})
			}
		}
	}
	return out
}

// patience is the longest time that a pod asked to be left alone for.
func (t *Trial) patience() time.Duration {
	longest := patience(&t.New)
	for i := range t.Old {
		longest = max(longest, patience(&t.Old[i]))
	}
	return longest
}

func patience(p *play.Play) time.Duration {
	if p.Result.Reason != check.ReasonRateLimited || len(p.Exchanges) == 0 {
		return 0
	}
	last := p.Exchanges[len(p.Exchanges)-1].Response
	if last == nil {
		return 0
	}
	text := strings.TrimSpace(last.Header.Get("Retry-After"))
	var asked time.Duration
	if seconds, err := strconv.Atoi(text); err == nil {
		asked = time.Duration(min(seconds, int(maxPatience/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		asked = at.Sub(p.Result.At.Add(p.Result.Took))
	}
	return min(max(asked, 0), maxPatience)
}
