package explain_test

import (
	"time"

	"github.com/undog-dev/undog/cmd/undog/explain"
	"github.com/undog-dev/undog/policy"
)

// night is when the examples are looked at.
var night = time.Date(2026, 3, 4, 3, 4, 5, 0, time.UTC)

func ago(d time.Duration) time.Time { return night.Add(-d) }

func ref(n int64, image string) policy.RevisionRef {
	id := string(rune('a'-1+n)) + "-uid"
	return policy.RevisionRef{UID: id, Name: "web-" + id, Hash: id, Number: n, Template: "template-" + id, Images: []string{image}}
}

var (
	v1 = ref(1, "registry.example.com/shop/web:1.0")
	v2 = ref(2, "registry.example.com/shop/web:1.1")
	v3 = ref(3, "registry.example.com/shop/web:1.2")
)

func crash() policy.Failure {
	return policy.Failure{
		Reason: "Error", Container: "app", Exited: true, ExitCode: 137, Pods: 2, Nodes: 2, Count: 6, MaxCount: 3, Repeated: 2,
		Message: "cannot open /data/\x1b[31mcatalogue\x1b[0m: permission denied",
		Samples: []string{"web-b-7xk2p", "web-b-9fj4d"}, First: ago(70 * time.Second), Last: ago(4 * time.Second),
	}
}

// rules is what the rules say, where all but one find nothing.
func rules(found policy.RuleFinding) []policy.RuleFinding {
	var all []policy.RuleFinding
	for _, name := range []string{"image", "config", "start", "crash", "ready", "deadline"} {
		if name == found.Rule {
			all = append(all, found)
			continue
		}
		all = append(all, policy.RuleFinding{Rule: name, Level: "Clear"})
	}
	return all
}

func vetoes(holding, why string) []policy.VetoAnswer {
	all := []policy.VetoAnswer{
		{Veto: "Paused", Message: "its owner has not paused it"},
		{Veto: "OldRevisionFailsToo", Message: "no other revision that was in use fails in the same way"},
		{Veto: "OneNode", Message: "the failures are not confined to one of the 2 nodes in use"},
		{Veto: "UndoneBefore", Message: "undog has not undone this template before", Off: true},
	}
	for i := range all {
		if all[i].Veto == holding {
			all[i].Holds, all[i].Message = true, why
		}
	}
	return all
}

// base is a Deployment of two revisions, the second being rolled out.
func base() explain.Answer {
	return explain.Answer{
		Cluster: "prod", Source: "judged by the undog at http://127.0.0.1:8080",
		Explanation: policy.Explanation{
			At: night, Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "u"},
			Phase: policy.Progressing, Policy: "default", Action: policy.ActionRollback, Mode: policy.Enforce, Current: v2,
			Revisions: []policy.Revision{
				{RevisionRef: v1, CreatedAt: ago(50 * time.Hour), Desired: 8, Pods: 8, Scheduled: 8, Started: 8, Ready: 8, Nodes: 5},
				{RevisionRef: v2, CreatedAt: ago(80 * time.Second), Desired: 3, Pods: 3, Scheduled: 3, Started: 3, Ready: 1, Nodes: 2},
			},
			Changes: []policy.Change{
				{Path: "spec.containers[app].env[TOKEN]"},
				{Path: "spec.containers[app].image", From: v1.Images[0], To: v2.Images[0]},
			},
			Rules: rules(policy.RuleFinding{}), Vetoes: vetoes("", ""),
			Targets: []policy.TargetChoice{{Revision: v1, Chosen: true, Message: "the newest revision proven good: stayed available for its bake window of 10m"}},
			Records: []policy.Record{{Revision: v1, Verdict: policy.Good, Reason: "Baked", Message: "stayed available", At: ago(49 * time.Hour)}},
			Verdict: "nothing speaks against revision 2; it is being rolled out, 3 of 8 pods updated and 9 available",
		},
	}
}

// convicted is base with evidence that suffices.
func convicted() explain.Answer {
	a := base()
	found := policy.RuleFinding{
		Rule: "crash", Level: "Convicting", Reason: "CrashLoop", Failures: []policy.Failure{crash()},
		Message: "container app exited with code 137: 6 times, at most 3 in one pod, 2 of 3 pods affected",
	}
	a.Rules, a.Finding = rules(found), found
	a.Revisions[1].Failures = []policy.Failure{crash()}
	a.Revisions[1].Waiting, a.Revisions[1].WaitingPods = []time.Time{ago(75 * time.Second), ago(30 * time.Second)}, []string{"web-b-7xk2p"}
	a.Revisions[1].ProbeBudget = 90 * time.Second
	return a
}

// checked is base with checks in several states.
func checked() explain.Answer {
	a := base()
	a.Phase, a.Verdict = policy.Suspect, "revision 2 is suspected, not convicted: check greeting failed in 3 of 3 plays"
	a.Checks = []policy.CheckState{
		{
			CheckEvidence: policy.CheckEvidence{
				Check: "greeting", New: 3, NewFailed: 3, Old: 6, Odds: 81, Reason: "Hole", Step: "front page", Message: "a text that was never empty is empty",
				Excerpt: "Welcome !\x1b[2J", Pods: []string{"web-b-7xk2p"},
				Differences: []policy.Difference{{Kind: "text", Where: "/footer", Old: "v1.0", New: "v1.1\x07"}},
			},
			Threshold: 1000, Pace: "every second: the revision is young, or the next play may decide", Playing: true,
		},
		{
			CheckEvidence: policy.CheckEvidence{Check: "login", Inconclusive: 4, Reason: "Unreachable", Message: "no pod of either revision can be reached"},
			Threshold:     1000, Pace: "less often each time: the last 4 plays gave no result", Next: night.Add(20 * time.Second),
		},
		{CheckEvidence: policy.CheckEvidence{Check: "api"}, Threshold: 1000, Pace: "not played: nothing is being judged, or no pod is ready"},
	}
	return a
}

func badRecord() policy.Record {
	return policy.Record{
		Revision: v2, Verdict: policy.Bad, Reason: "CrashLoop", At: ago(20 * time.Minute), DecisionID: "d1",
		Message: "container app exited with code 137: 6 times", Action: policy.ActionRollback, Target: v1,
		Captured: []policy.Captured{{
			Pod: "web-2-a", Container: "app", State: "exited with code 137 (Error); restarts: 2", Previous: true, Left: 3,
			Lines: []string{"connecting with password=[redacted]", "no route to host\x1b[2J"},
		}},
	}
}

// examples are the situations in which people ask, by name.
func examples() map[string]explain.Answer {
	suspect := base()
	suspect.Phase, suspect.Verdict = policy.Suspect, "revision 2 is suspected, not convicted: container app exited with code 137 once"
	suspect.Next = night.Add(40 * time.Second)
	suspect.Rules = rules(policy.RuleFinding{
		Rule: "crash", Level: "Suspicious", Reason: "CrashLoop", Message: "container app exited with code 137: 2 times, at most 1 in one pod, 2 of 3 pods affected",
	})
	suspect.Finding = suspect.Rules[3]
	once := crash()
	once.Count, once.MaxCount, once.Message = 2, 1, ""
	suspect.Revisions[1].Failures = []policy.Failure{once}

	held := convicted()
	held.Phase = policy.Held
	held.Vetoes = vetoes("OldRevisionFailsToo", "revision 1 fails in the same way (Error in container app)")
	held.Verdict = "revision 2 is bad: container app exited with code 137: 6 times; held: revision 1 fails in the same way (Error in container app)"
	theirs := crash()
	theirs.Samples = []string{"web-a-1", "web-a-2", "web-a-3"}
	held.Revisions[0].Failures, held.Revisions[0].Lost, held.Revisions[0].Disrupted = []policy.Failure{theirs}, 1, 2

	good := base()
	good.Phase, good.Verdict = policy.Baking, "nothing speaks against revision 2; it is complete and will be good at 03:10:05 UTC if it stays so"
	good.BakeUntil, good.Next = night.Add(6*time.Minute), night.Add(6*time.Minute)
	good.Revisions[0].Pods, good.Revisions[0].Desired, good.Revisions[0].Started, good.Revisions[0].Ready = 0, 0, 0, 0

	noTarget := convicted()
	noTarget.Records, noTarget.Phase = nil, policy.Held
	noTarget.Targets = []policy.TargetChoice{{Revision: v1, Message: "never proven good"}}
	noTarget.Verdict = "revision 2 was found bad at 03:04:01 UTC: container app exited with code 137: 6 times; not undone: no other revision has been proven good"
	rec := badRecord()
	rec.At, rec.DecisionID, rec.Target, rec.Refused = ago(4*time.Second), "", policy.RevisionRef{}, &policy.Note{
		At: ago(4 * time.Second), Reason: "NoTarget", Message: "no other revision has been proven good",
	}
	noTarget.Records = []policy.Record{rec}

	return map[string]explain.Answer{
		"suspect": suspect, "held": held, "baking": good, "no-target": noTarget,
		"rolled-back": rolledBack(), "contested": contested(), "not-judged": notJudged(), "afresh": afresh(), "many": many(), "checked": checked(),
	}
}

// rolledBack is after the undo: revision 1 is current again, as number 3.
func rolledBack() explain.Answer {
	a := base()
	back := v1
	back.Number = 3
	a.Phase, a.Current = policy.RolledBack, back
	a.Revisions = []policy.Revision{
		{RevisionRef: v2, CreatedAt: ago(25 * time.Minute)},
		{RevisionRef: back, CreatedAt: ago(50 * time.Hour), Desired: 8, Pods: 8, Scheduled: 8, Started: 8, Ready: 7, Nodes: 5},
	}
	a.Records = []policy.Record{{Revision: back, Verdict: policy.Good, At: ago(49 * time.Hour), Reason: "Baked"}, badRecord()}
	a.Rollbacks = []policy.Rollback{{DecisionID: "d1", At: ago(20 * time.Minute), From: v2.UID, To: v1.UID, Template: v2.Template}}
	a.Targets = []policy.TargetChoice{{Revision: v2, Message: "found bad: CrashLoop"}}
	a.Changes = nil
	a.Verdict = "undog returned to revision 3 (registry.example.com/shop/web:1.0); it is being rolled out, 8 of 8 pods updated and 7 available"
	return a
}

func contested() explain.Answer {
	a := convicted()
	rec := badRecord()
	rec.Contested = &policy.Note{At: ago(8 * time.Minute), Reason: "Reapplied", Message: "argocd-controller (Argo CD) applied the undone template again"}
	a.Phase, a.Records = policy.Halted, append(a.Records, rec)
	a.Rollbacks = []policy.Rollback{{DecisionID: "d1", At: ago(19 * time.Minute), From: v2.UID, To: v1.UID, Template: v2.Template}}
	a.Verdict = "revision 2 was found bad at 02:44:05 UTC: container app exited with code 137: 6 times; contested: " + rec.Contested.Message
	return a
}

func notJudged() explain.Answer {
	a := base()
	a.Phase, a.Policy, a.Action, a.Rules, a.Vetoes, a.Targets, a.Changes = "", "", "", nil, nil, nil, nil
	a.Why, a.Verdict = "the workload's own mode is off", "nothing is judged: the workload's own mode is off"
	return a
}

func afresh() explain.Answer {
	a := convicted()
	a.Afresh, a.Would, a.Source = true, "would return to revision 1 now", "judged afresh from the cluster of kubeconfig /home/op/.kube/config"
	a.Notes = []string{"no answer from http://127.0.0.1:8080: connection refused: judged afresh; what only time shows is missing"}
	a.Verdict = "revision 2 is bad: container app exited with code 137: 6 times, at most 3 in one pod, 2 of 3 pods affected"
	return a
}

// many is a Deployment with a long past and an image in trouble.
func many() explain.Answer {
	a := base()
	a.Revisions = nil
	for n := range int64(9) {
		a.Revisions = append(a.Revisions, policy.Revision{RevisionRef: ref(n+1, "web:"+string(rune('1'+n))), CreatedAt: ago(time.Duration(20-n) * 24 * time.Hour)})
	}
	last := &a.Revisions[8]
	last.Pods, last.Desired, last.Scheduled, last.Nodes = 1, 3, 0, 0
	last.ReplicaFailure = &policy.Condition{Status: "True", Reason: "FailedCreate", Message: "exceeded quota: compute"}
	last.Initializing, last.InitializingPods = []time.Time{ago(5 * time.Minute)}, []string{"web-i-1"}
	last.Digests = []policy.Digest{{Container: "app", Digest: "sha256:1"}, {Container: "app", Digest: "sha256:2"}}
	last.Cut = 3
	a.Current = last.RevisionRef
	a.Targets = []policy.TargetChoice{{Revision: v3, Chosen: true, Message: "proven good"}}
	for range 20 {
		a.Changes = append(a.Changes, policy.Change{Path: "spec.containers[app].resources.limits[memory]", To: "1Gi"}, policy.Change{Path: "spec.nodeName", From: "n1"})
	}
	return a
}
