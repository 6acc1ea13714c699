package outbox

import (
	"strings"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
)

// FromTransition is the event that tells of a transition. It depends on its
// arguments alone, so that the same transition gives the same event after a
// restart and on another undog.
func FromTransition(cluster string, t policy.Transition) notify.Event {
	noun, verb, _ := strings.Cut(string(t.Kind), ".")
	e := notify.New(noun, verb, t.ID, t.At, severity(t.Kind), notify.Data{
		Cluster: cluster,
		Workload: notify.Workload{
			Kind: t.Workload.Kind, Namespace: t.Workload.Namespace, Name: t.Workload.Name, UID: t.Workload.UID,
		},
		Phase:      notify.Phase{From: string(t.From), To: string(t.To)},
		Reason:     t.Reason,
		Message:    t.Message,
		Revision:   revision(t.Revision),
		Target:     revision(t.Target),
		Policy:     t.Policy,
		Action:     string(t.Action),
		DecisionID: t.DecisionID,
		Failures:   failures(t.Failures),
		Changes:    changes(t.Changes),
		Vetoes:     vetoes(t.Vetoes),
		Checks:     checks(t.Checks),
		Reported:   reported(t.Reported),
		By:         author(t.By),
		Captured:   captured(t.Captured),
	})
	e.CorrelationID, e.CausationID = t.Rollout, t.Cause
	return e
}

// severity is Error for what people should look at, Warn for trouble that is
// being watched or was dealt with.
func severity(k policy.TransitionKind) notify.Severity {
	switch k {
	case policy.VerdictBad, policy.RollbackRefused, policy.RollbackContested, policy.RolloutHalted,
		policy.BrakeEngaged:
		return notify.Error
	case policy.RolloutSuspect, policy.RolloutHeld, policy.RollbackDone, policy.RollbackWouldHave, policy.RolloutPaused,
		policy.CheckInconclusive, policy.LeaderLost, policy.ConfigRejected:
		return notify.Warn
	case policy.RolloutStarted, policy.RolloutCleared, policy.RolloutRecovered, policy.VerdictGood, policy.VerdictWithdrawn, policy.RolloutResumed,
		policy.BrakeReleased, policy.CheckDiffers, policy.LeaderElected, policy.ConfigReloaded:
		return notify.Info
	}
	return notify.Info
}

func revision(r policy.RevisionRef) notify.Revision {
	return notify.Revision{UID: r.UID, Name: r.Name, Hash: r.Hash, Number: r.Number, Images: r.Images}
}

func failures(in []policy.Failure) []notify.Failure {
	var out []notify.Failure
	for _, f := range in {
		n := notify.Failure{
			Reason: f.Reason, Container: f.Container, Init: f.Init, Message: f.Message,
			Pods: f.Pods, Nodes: f.Nodes, Count: f.Count, Samples: f.Samples,
			First: f.First.UTC(), Last: f.Last.UTC(),
		}
		if f.Exited {
			code := f.ExitCode
			n.ExitCode = &code
		}
		out = append(out, n)
	}
	return out
}

func author(a *policy.Author) *notify.Author {
	if a == nil {
		return nil
	}
	return &notify.Author{FieldManager: a.FieldManager, Tool: a.Tool, Owner: a.Owner, ScaledBy: a.ScaledBy, At: a.At.UTC()}
}

func changes(in []policy.Change) []notify.Change {
	var out []notify.Change
	for _, c := range in {
		out = append(out, notify.Change{Path: c.Path, From: c.From, To: c.To})
	}
	return out
}

func vetoes(in []policy.Considered) []notify.Veto {
	var out []notify.Veto
	for _, v := range in {
		out = append(out, notify.Veto{Reason: v.Reason, Message: v.Message})
	}
	return out
}

func checks(in []policy.CheckEvidence) []notify.Check {
	var out []notify.Check
	for _, c := range in {
		n := notify.Check{
			Name: c.Check, New: c.New, NewFailed: c.NewFailed, Old: c.Old, OldFailed: c.OldFailed, Inconclusive: c.Inconclusive,
			Odds: c.Odds, Reason: c.Reason, Step: c.Step, Message: c.Message, Excerpt: c.Excerpt, Pods: c.Pods,
		}
		for _, d := range c.Differences {
			n.Differences = append(n.Differences, notify.Difference{Kind: d.Kind, Where: d.Where, Old: d.Old, New: d.New})
		}
		out = append(out, n)
	}
	return out
}

func captured(in []policy.Captured) []notify.Captured {
	var out []notify.Captured
	for _, c := range in {
		out = append(out, notify.Captured(c))
	}
	return out
}

func reported(r *policy.Reported) *notify.Reported {
	if r == nil {
		return nil
	}
	return &notify.Reported{At: r.At.UTC(), Good: r.Good, Reason: r.Reason, By: r.By}
}
