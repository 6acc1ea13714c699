package policytest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/undog-dev/undog/policy"
)

// Handle carries out one command of a scenario and returns what is to be printed.
func (w *World) Handle(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	switch d.Cmd {
	case "restart":
		w.engine, w.open = policy.New(w.settings), nil
		clear(w.plays)
	case "observe":
		return w.print(w.observe())
	case "wake":
		return w.print(w.engine.Step(policy.Wake{At: w.now}))
	// answer result=Refused reason=Forbidden message=no
	case "answer":
		r, ok := w.answer(policy.Result(text(d, "result", string(policy.Done))), text(d, "reason", ""), text(d, "message", ""))
		if !ok {
			t.Fatalf("%s: nothing to answer", d.Pos)
		}
		return w.print(r)
	// result check=greeting n=7 new=1 newFailed=1 old=2
	case "result":
		return w.results(t, d)
	// report revision=shop:1.1 bad by=carol
	case "report":
		return w.print(w.engine.Step(w.report(d)))
	case "lead":
		return w.lead(true)
	case "stand":
		return w.lead(false)
	case "reload":
		return w.reload(d)
	// fleet n=40, churn until=2m every=1s takes=8s, outage n=12 | over
	case "fleet", "churn", "outage":
		return w.around(d)
	case "explain":
		return w.explain()
	default:
		w.alter(t, d)
	}
	return "ok"
}

// alter changes the world, which nobody has been shown yet.
func (w *World) alter(t *testing.T, d *datadriven.TestData) {
	t.Helper()
	switch d.Cmd {
	// settings mode=observe action=pause bake=1m within=30s
	case "settings":
		w.configure(d)
	// deploy rev=2 image=shop:1.1
	case "deploy":
		w.deploy(d)
	// pods rev=2 n=2 started=2 ready=0 waiting=0s,1s
	case "pods":
		w.pods(t, d)
	// fail rev=2 reason=Error code=3 pods=2 count=6 max=3 repeated=2
	case "fail":
		w.fail(t, d)
	// incident rev=2 pods=3
	case "incident":
		w.incident(t, d)
	// refuse rev=2
	case "refuse":
		w.refuse(t, d)
	// changes
	case "changes":
		w.changes = changes(t, d)
	// other rev=2 to=1
	case "other":
		w.other(t, d)
	// heal rev=2
	case "heal":
		w.named(t, d).Failures = nil
	// status updated=2 total=2 available=2
	case "status":
		w.obs.UpdatedReplicas = number(d, "updated", w.obs.UpdatedReplicas)
		w.obs.TotalReplicas = number(d, "total", w.obs.TotalReplicas)
		w.obs.AvailableReplicas = number(d, "available", w.obs.AvailableReplicas)
	// set paused=true mode=off
	case "set":
		w.set(d)
	// at 15s
	case "at":
		w.now = epoch.Add(parse(t, d.CmdArgs[0].Key))
	default:
		t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	}
}

// configure makes an engine with other settings.
func (w *World) configure(d *datadriven.TestData) {
	w.change(d)
	w.engine, w.open = policy.New(w.settings), nil
	clear(w.plays)
}

// reload gives the engine other settings, or has it told that they are not used.
func (w *World) reload(d *datadriven.TestData) string {
	in := policy.Reconfigured{At: w.now, Who: policy.Workload{Namespace: "undog", Name: "undog-7d9f", UID: "undog-7d9f_k3wq0v2m4x"}}
	if d.HasArg("rejected") {
		in.Reason = "Invalid"
		in.Message = "undog does not go by what the file holds now (9f86d081884c), and keeps the configuration before (2c26b46b68ff): policies[0].bake: 600 is a bare number"
		return w.print(w.engine.Step(in))
	}
	w.settings.Policies = slices.Clone(w.settings.Policies)
	w.change(d)
	in.Settings = &w.settings
	in.Reason, in.Message = "Changed", "undog goes by the new configuration (9f86d081884c, before 2c26b46b68ff); changed: policies"
	return w.print(w.engine.Step(in))
}

func (w *World) change(d *datadriven.TestData) {
	p := &w.settings.Policies[0]
	w.settings.Mode = policy.Mode(text(d, "mode", string(w.settings.Mode)))
	p.Action = policy.Action(text(d, "action", string(p.Action)))
	p.Bake = span(d, "bake", p.Bake)
	if long := span(d, "freeze", 0); long > 0 {
		end := epoch.Add(long)
		p.Frozen = func(at time.Time) (name string, until time.Time, frozen bool) {
			return "release day", end, at.Before(end)
		}
	}
	p.Provisional = text(d, "provisional", "") == "true"
	p.ReadyWithin = span(d, "within", p.ReadyWithin)
	w.checks(d)
}

func (w *World) deploy(d *datadriven.TestData) {
	image := text(d, "image", "")
	w.roll(text(d, "template", "template of "+image), text(d, "uid", strings.ReplaceAll(image, ":", "-")), image)
	w.obs.Replicas = number(d, "replicas", w.obs.Replicas)
}

func (w *World) pods(t *testing.T, d *datadriven.TestData) {
	r := w.named(t, d)
	r.Pods = number(d, "n", r.Pods)
	r.Scheduled = number(d, "scheduled", r.Pods)
	r.Started = number(d, "started", r.Pods)
	r.Ready = number(d, "ready", r.Ready)
	r.Unsteady = number(d, "unsteady", r.Unsteady)
	r.Nodes = number(d, "nodes", r.Nodes)
	r.Fell = number(d, "fell", 0)
	r.SlowestReady = span(d, "slowest", r.SlowestReady)
	r.ProbeBudget = span(d, "probes", r.ProbeBudget)
	r.Desired = number(d, "desired", r.Pods)
	r.Lost, r.Disrupted = number(d, "lost", 0), number(d, "disrupted", 0)
	r.SlowestInit = span(d, "slowestInit", r.SlowestInit)
	r.ReadySince, r.AllReadySince = time.Time{}, time.Time{}
	if r.Ready > 0 {
		r.ReadySince = epoch.Add(span(d, "since", w.now.Sub(epoch)))
		if r.Ready == r.Pods {
			r.AllReadySince = epoch.Add(span(d, "all", r.ReadySince.Sub(epoch)))
		}
	}
	r.Waiting, r.Initializing = times(t, text(d, "waiting", "")), times(t, text(d, "init", ""))
}

// times is a list of times since the beginning.
func times(t *testing.T, list string) []time.Time {
	t.Helper()
	var all []time.Time
	for s := range strings.SplitSeq(list, "+") {
		if s != "" {
			all = append(all, epoch.Add(parse(t, s)))
		}
	}
	return all
}

func (w *World) fail(t *testing.T, d *datadriven.TestData) {
	r := w.named(t, d)
	f := policy.Failure{
		Reason: text(d, "reason", ""), Container: text(d, "container", "app"), Message: strings.TrimSpace(d.Input),
		Exited: d.HasArg("code"), ExitCode: number(d, "code", 0), Pods: number(d, "pods", 1), Last: w.now, Samples: []string{"web-1"},
	}
	f.Init = d.HasArg("init")
	if f.Container == "-" {
		f.Container = ""
	}
	f.Count = number(d, "count", f.Pods)
	f.MaxCount = number(d, "max", 1)
	f.Repeated = number(d, "repeated", 0)
	f.First, f.Nodes = w.now, number(d, "nodes", 1)
	for i, old := range r.Failures {
		if old.Reason == f.Reason && old.Container == f.Container && old.ExitCode == f.ExitCode {
			f.First = old.First
			r.Failures = append(r.Failures[:i:i], r.Failures[i+1:]...)
			break
		}
	}
	r.Failures = append(r.Failures, f)
}

func (w *World) set(d *datadriven.TestData) {
	if d.HasArg("paused") {
		w.obs.Paused = text(d, "paused", "") == "true"
	}
	if d.HasArg("resumed") {
		// As undog resume does.
		w.obs.Paused, w.obs.PausedBy, w.obs.Resumed = false, "", w.obs.PausedBy
		w.obs.Generation++
		w.obs.ObservedGeneration++
	}
	if d.HasArg("progressing") {
		w.obs.Progressing = policy.Condition{Status: "False", Reason: text(d, "progressing", ""), Updated: w.now}
		if w.obs.Progressing.Reason == "NewReplicaSetAvailable" {
			w.obs.Progressing.Status = "True"
		}
	}
	if d.HasArg("paused") || d.HasArg("pausedBy") || d.HasArg("mode") {
		// The generation counts every change of spec or annotations.
		w.obs.Generation++
		w.obs.ObservedGeneration++
	}
	w.obs.PausedBy = text(d, "pausedBy", w.obs.PausedBy)
	w.obs.Manager = strings.ReplaceAll(text(d, "manager", w.obs.Manager), "_", " ")
	w.obs.Owner, w.obs.ScaledBy = text(d, "owner", w.obs.Owner), text(d, "scaledBy", w.obs.ScaledBy)
	if d.HasArg("editedBy") {
		w.obs.EditedBy, w.obs.EditedAt = text(d, "editedBy", ""), w.now
	}
	w.obs.Mode = text(d, "mode", w.obs.Mode)
	w.obs.ProgressDeadline = span(d, "deadline", w.obs.ProgressDeadline)
	w.obs.Replicas = number(d, "replicas", w.obs.Replicas)
	w.obs.Deleting = w.obs.Deleting || d.HasArg("deleting")
}

func (w *World) named(t *testing.T, d *datadriven.TestData) *policy.Revision {
	t.Helper()
	r := w.revision(int64(number(d, "rev", 0)))
	if r == nil {
		t.Fatalf("%s: no such revision", d.Pos)
	}
	return r
}

// print shows what the engine said, and keeps its decisions open.
func (w *World) print(r policy.Ready) string {
	var b strings.Builder
	for _, t := range r.Transitions {
		fmt.Fprintf(&b, "tell %s: %s → %s, revision %d, %s: %s\n", t.Kind, phase(t.From), phase(t.To), t.Revision.Number, t.Reason, t.Message)
	}
	if a := r.Answer; a != nil {
		fmt.Fprintf(&b, "answer %s (%s): %s\n", a.Reason, phase(a.Phase), a.Message)
	}
	for _, d := range r.Decisions {
		fmt.Fprintf(&b, "decide %s revision %d", d.Kind, d.From.Number)
		if d.To.UID != "" {
			fmt.Fprintf(&b, " → %d", d.To.Number)
		}
		if d.Record.Verdict != "" {
			fmt.Fprintf(&b, ": %s %s", d.Record.Verdict, d.Record.Reason)
		}
		if d.Check != "" {
			fmt.Fprintf(&b, ": %s", d.Check)
		}
		b.WriteString("\n")
	}
	w.keep(r)
	if !r.WakeAt.IsZero() {
		fmt.Fprintf(&b, "wake at %s\n", r.WakeAt.Sub(epoch))
	}
	if b.Len() == 0 {
		return "nothing\n"
	}
	return b.String()
}

func phase(p policy.Phase) string {
	if p == policy.PhaseNone {
		return "-"
	}
	return string(p)
}
