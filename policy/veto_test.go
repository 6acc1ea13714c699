package policy_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// changedTo answers a comparison with a change.
func changedTo(path, to string) []policy.Change {
	return []policy.Change{{Path: path, From: "x", To: to}}
}

// TestVetoes shows, for each veto that asks what is so around the workload, a
// bad release that it holds, and the same one without what it looks for.
func TestVetoes(t *testing.T) {
	image := changedTo("spec.containers[app].image", "shop:1.1")
	at := noon.Add(time.Minute)
	for _, test := range []struct {
		veto    string
		changes []policy.Change
		// around happens before the release goes wrong; o changes what is seen.
		around func(e *policy.Engine)
		o      func(o *policy.Observation)
	}{
		{veto: "StaleCaches", changes: image, around: func(e *policy.Engine) {
			e.Step(policy.Contact{At: noon, Lost: noon.Add(-time.Second)})
		}},
		{veto: "OthersFailToo", changes: image, around: func(e *policy.Engine) { troubles(e, 2, "shop", noon.Add(50*time.Second)) }},
		{veto: "MutableTag", changes: changedTo("spec.containers[app].env[A]", ""), o: func(o *policy.Observation) {
			o.Revisions[1].Images = o.Revisions[0].Images
			o.Revisions[0].Digests = []policy.Digest{{Container: "app", Digest: "sha256:a"}}
			o.Revisions[1].Digests = []policy.Digest{{Container: "app", Digest: "sha256:b"}}
		}},
		{veto: "MutableTag", changes: image, o: func(o *policy.Observation) {
			o.Revisions[0].Digests = []policy.Digest{{Container: "app", Digest: "sha256:a"}, {Container: "app", Digest: "sha256:b"}}
		}},
		{veto: "ConfigChanged", changes: image, o: func(o *policy.Observation) {
			o.Configs = []policy.Config{{Name: "web", CreatedAt: noon.Add(-time.Hour), ChangedAt: noon.Add(-time.Minute), ChangedBy: "kubectl"}}
		}},
		{veto: "RestartOnly", changes: changedTo("metadata.annotations[kubectl.kubernetes.io/restartedAt]", "")},
	} {
		t.Run(test.veto, func(t *testing.T) {
			if held := heldBy(t, test.changes, test.around, test.o, at); held != test.veto {
				t.Errorf("held by %q, want %s", held, test.veto)
			}
			if held := heldBy(t, image, nil, nil, at); held != "" {
				t.Errorf("without it held by %q, want an undo", held)
			}
		})
	}
}

// TestVetoesThatDoNotHold shows what looks like a reason to hold and is none.
func TestVetoesThatDoNotHold(t *testing.T) {
	image := changedTo("spec.containers[app].image", "shop:1.1")
	at := noon.Add(time.Minute)
	for name, test := range map[string]struct {
		around func(e *policy.Engine)
		o      func(o *policy.Observation)
	}{
		"a watch that was lost a moment ago": {around: func(e *policy.Engine) {
			e.Step(policy.Contact{At: at, Lost: at.Add(-10 * time.Second)})
		}},
		"one other workload fails": {around: func(e *policy.Engine) { troubles(e, 1, "shop", noon.Add(50*time.Second)) }},
		"those that depend on it fail after it": {around: func(e *policy.Engine) {
			troubles(e, 4, "shop", at.Add(30*time.Second))
		}},
		"two of another namespace fail": {around: func(e *policy.Engine) { troubles(e, 2, "blog", noon.Add(50*time.Second)) }},
		"a ConfigMap that was made with the release": {o: func(o *policy.Observation) {
			o.Configs = []policy.Config{{Name: "web-2", CreatedAt: noon, ChangedAt: noon}}
		}},
		"a ConfigMap that was changed last week": {o: func(o *policy.Observation) {
			o.Configs = []policy.Config{{Name: "web", CreatedAt: noon.Add(-9000 * time.Hour), ChangedAt: noon.Add(-168 * time.Hour)}}
		}},
		"another image under another tag": {o: func(o *policy.Observation) {
			o.Revisions[0].Digests = []policy.Digest{{Container: "app", Digest: "sha256:a"}}
			o.Revisions[1].Digests = []policy.Digest{{Container: "app", Digest: "sha256:b"}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if held := heldBy(t, image, test.around, test.o, at); held != "" {
				t.Errorf("held by %q, want an undo", held)
			}
		})
	}
}

// heldBy plays a bad release and returns the veto that holds it, "" if it is undone.
func heldBy(t *testing.T, changes []policy.Change, around func(*policy.Engine), change func(*policy.Observation), at time.Time) string {
	t.Helper()
	e := policy.New(settings())
	e.Step(healthy(1, noon))
	if around != nil {
		around(e)
	}
	o := broken(2, at)
	if change != nil {
		change(o)
	}
	all := e.Step(o)
	for _, d := range all.Decisions {
		if d.Kind == policy.Compare {
			next := e.Step(policy.Comparison{At: at, Workload: d.Workload, From: d.From.UID, To: d.To.UID, Changes: changes})
			all.Decisions = append(all.Decisions, next.Decisions...)
			all.Transitions = append(all.Transitions, next.Transitions...)
		}
	}
	for _, tr := range all.Transitions {
		if tr.Kind == policy.RolloutHeld {
			return tr.Reason
		}
	}
	only(t, all.Decisions, policy.Undo)
	return ""
}

// troubles makes n workloads that nobody is releasing begin to fail at a time.
func troubles(e *policy.Engine, n int, namespace string, at time.Time) {
	for i := range n {
		before, after := healthy(uint64(100+2*i), noon), healthy(uint64(101+2*i), at)
		for _, o := range []*policy.Observation{before, after} {
			o.Workload.UID, o.Workload.Namespace = fmt.Sprintf("other-%d", i), namespace
		}
		after.AvailableReplicas, after.Revisions[0].Ready = 0, 0
		after.Revisions[0].Failures = []policy.Failure{{
			Reason: "Error", Container: "app", Exited: true, ExitCode: 1, Pods: 2, Count: 2, MaxCount: 1, First: at, Last: at,
		}}
		e.Step(before)
		e.Step(after)
	}
}
