package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/execute"
	"github.com/undog-dev/undog/watcher/check/logs"
	"github.com/undog-dev/undog/watcher/check/metric"
	"github.com/undog-dev/undog/watcher/check/persona"
	"github.com/undog-dev/undog/watcher/check/reach"
	"github.com/undog-dev/undog/watcher/check/redact"
	"github.com/undog-dev/undog/watcher/check/trial"
)

// Options is what a Runner needs.
type Options struct {
	Checks []check.Check
	// Versions has, by the name of a check, what differs when it does something
	// else than a check of that name did before.
	Versions map[string]string
	// Before is the Runner that this one replaces: what it keeps of old revisions,
	// and which pods it asks, is shared with it. nil replaces none.
	Before *Runner
	// Compile is for CEL; nil if no check has any.
	Compile check.Compiler
	// Pods lists the pods of a workload, by its UID.
	Pods func(workload string) []watcher.Pod
	// AtOnce tells whether a release of a workload leaves no old pods beside new
	// ones; nil is never.
	AtOnce func(workload string) bool
	// Commands runs those of checks; nil if no check has any.
	Commands execute.Runner
	// Logs opens those of containers, and Metrics asks the metrics server; nil
	// if no check is about any.
	Logs     logs.Opener
	Metrics  metric.Asker
	Reach    *reach.Reach
	Personas *persona.Store
	// Baselines is how many bytes of them are kept; 0 is DefaultBaselines.
	Baselines int
	Log       *slog.Logger
}

// Runner plays checks. It may be used by several goroutines.
type Runner struct {
	o         Options
	checks    map[string]*played
	roster    *roster
	baselines *baselines
}

// played is a check made ready.
type played struct {
	check.Check
	kind    kind
	timeout time.Duration
}

// New makes a Runner. The error names each check that cannot be played.
func New(o Options) (*Runner, error) {
	if o.Pods == nil || o.Reach == nil || o.Personas == nil || o.Log == nil {
		return nil, errors.New("make runner: want Pods, Reach, Personas and Log all set")
	}
	if o.AtOnce == nil {
		o.AtOnce = func(string) bool { return false }
	}
	r := &Runner{o: o, checks: map[string]*played{}}
	if o.Before != nil {
		r.roster, r.baselines, r.o.Before = o.Before.roster, o.Before.baselines, nil
	} else {
		r.roster, r.baselines = newRoster(), newBaselines(o.Baselines)
	}
	var errs []error
	for i := range o.Checks {
		c := &o.Checks[i]
		k, err := r.kindOf(c)
		if err != nil {
			errs = append(errs, fmt.Errorf("compile check %s: %w", c.Name, err))
			continue
		}
		p := &played{Check: *c, kind: k, timeout: c.Timeout}
		if p.timeout == 0 {
			p.timeout = check.DefaultTimeout
		}
		if c.Persona != "" {
			p.timeout *= trial.MaxTurns
		}
		r.checks[c.Name] = p
	}
	return r, errors.Join(errs...)
}

// margin is what a play may take beside the check itself: to wait for the pods'
// turn and to read them and the persona.
const margin = 20 * time.Second

// Play carries out a Play decision. It returns when the play has ended or its
// time is up, and always with a result.
func (r *Runner) Play(ctx context.Context, d policy.Decision) (result policy.CheckResult) {
	c := r.checks[d.Check]
	if c == nil {
		return Unplayed(d, check.ReasonStopped, "there is no check called "+d.Check)
	}
	// Pages are what anybody wrote. A fault in reading one must not end undog.
	defer func() {
		if fault := recover(); fault != nil {
			r.faulted(&d, fault)
			result = Unplayed(d, check.ReasonExpression, faulted)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, c.timeout+margin)
	defer cancel()
	now, old := r.candidates(&d)
	sample, err := c.kind.sample(ctx, &d, now, old)
	if err != nil {
		return refused(d, err)
	}
	return resultOf(d, &sample, now)
}

// faulted is what is told of a fault of undog's own.
const faulted = "undog failed to judge the answer; its log has more"

func (r *Runner) faulted(d *policy.Decision, fault any) {
	r.o.Log.Error("a check could not be judged", "check", d.Check, "namespace", d.Workload.Namespace,
		"deployment", d.Workload.Name, "err", fmt.Sprint(fault), "stack", string(debug.Stack()))
}

// unable is why nothing could be played.
type unable struct {
	reason check.Reason
	err    error
}

func (u *unable) Error() string { return u.err.Error() }
func (u *unable) Unwrap() error { return u.err }

func refused(d policy.Decision, err error) policy.CheckResult {
	reason := check.ReasonUnreachable
	if u, ok := errors.AsType[*unable](err); ok {
		reason = u.reason
	}
	return Unplayed(d, reason, err.Error())
}

// Unplayed is the result of a play that could not be.
func Unplayed(d policy.Decision, reason check.Reason, message string) policy.CheckResult {
	return policy.CheckResult{
		At: time.Now(), Workload: d.Workload, DecisionID: d.ID, Check: d.Check, Revision: d.From.UID,
		Reason: string(reason), Message: redact.Cut(message, policy.MaxMessage),
	}
}

// resultOf makes of a sample what the engine counts.
func resultOf(d policy.Decision, s *check.Sample, pods []watched) policy.CheckResult {
	out := policy.CheckResult{
		At: time.Now(), Workload: d.Workload, DecisionID: d.ID, Check: d.Check, Revision: d.From.UID,
		New: s.New, NewFailed: s.NewFailed, Old: s.Old, OldFailed: s.OldFailed, Absolute: s.Absolute, Silent: s.Silent,
		Reason: string(s.Result.Reason), Step: s.Result.Step, Message: redact.Cut(s.Result.Message, policy.MaxMessage),
		Excerpt: redact.Cut(s.Result.Excerpt, policy.MaxExcerpt), RetryAfter: s.RetryAfter,
	}
	for _, p := range s.Pods {
		if len(out.Pods) == policy.MaxChecked {
			break
		}
		if i := slices.IndexFunc(pods, func(w watched) bool { return w.Name == p.Name }); i >= 0 {
			p.Node = pods[i].Node
		}
		out.Pods = append(out.Pods, policy.CheckedPod{Name: p.Name, Node: p.Node, Failed: p.Failed})
	}
	for _, x := range s.Differences {
		if len(out.Differences) == policy.MaxDifferences {
			break
		}
		out.Differences = append(out.Differences, policy.Difference{
			Kind: x.Kind, Where: redact.Cut(x.Where, policy.MaxExcerpt), Old: redact.Cut(x.Old, policy.MaxExcerpt), New: redact.Cut(x.New, policy.MaxExcerpt),
		})
	}
	return out
}

// Stats is what a Runner is busy with.
type Stats struct {
	// Playing is how many pods are being asked, Baselines how many bytes of
	// baselines are kept.
	Playing, Baselines int
}

// Stats counts.
func (r *Runner) Stats() Stats {
	return Stats{Playing: r.roster.playing(), Baselines: r.baselines.size()}
}
