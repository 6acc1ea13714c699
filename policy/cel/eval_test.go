package cel_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/cel"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// asked drives a real engine to a finding about a second revision that crashes,
// whose changes are known, and returns what a condition was asked.
func asked(t testing.TB) (*policy.Case, policy.Finding) {
	t.Helper()
	var c *policy.Case
	var f policy.Finding
	crash(func(got *policy.Case, found policy.Finding) (bool, error) {
		c, f = got, found
		return true, nil
	})
	if c == nil {
		t.Fatal("the engine asked no condition")
	}
	return c, f
}

// crash lets a second revision crash under a condition, and returns the phase.
func crash(when policy.Predicate) policy.Phase {
	engine := policy.New(policy.Settings{Cluster: "demo", Mode: policy.Enforce, Policies: []policy.Policy{{
		Name: "default", Action: policy.ActionRollback, Bake: time.Minute,
		When: map[string]policy.Predicate{"CrashLoop": when},
	}}})
	o := observation(1)
	engine.Step(o)
	next := observation(2)
	next.At, next.Version, next.Generation, next.ObservedGeneration, next.Template = noon.Add(time.Minute), 2, 2, 2, "t2"
	for _, d := range engine.Step(next).Decisions {
		if d.Kind == policy.Compare {
			engine.Step(policy.Comparison{
				At: next.At, Workload: o.Workload, From: d.From.UID, To: d.To.UID,
				Changes: []policy.Change{{Path: "spec.containers[app].image", From: "shop:1.0", To: "shop:1.1"}},
			})
		}
	}
	last := observation(2)
	last.At, last.Version, last.Generation, last.ObservedGeneration, last.Template = noon.Add(3*time.Minute), 3, 2, 2, "t2"
	last.Revisions[1].Failures = []policy.Failure{{
		Reason: "Error", Container: "app", Exited: true, ExitCode: 3, Message: "boom", Pods: 2, Nodes: 2, Count: 6, MaxCount: 3, Repeated: 2,
		Samples: []string{"web-2-a"}, First: last.At, Last: last.At,
	}}
	engine.Step(last)
	return engine.Phase(o.Workload)
}

func observation(revisions int) *policy.Observation {
	o := &policy.Observation{
		At: noon, Version: 1, Generation: 1, ObservedGeneration: 1, Template: "t1", Replicas: 3,
		Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "w"},
		Labels:   policy.Labels{{Key: "tier", Value: "backend"}}, Manager: "Helm",
		UpdatedReplicas: 3, TotalReplicas: 3, ReadyReplicas: 3, AvailableReplicas: 3,
	}
	for n := range revisions {
		o.Revisions = append(o.Revisions, policy.Revision{
			RevisionRef: policy.RevisionRef{
				UID: fmt.Sprint("r", n+1), Name: fmt.Sprint("web-", n+1), Number: int64(n + 1), Template: fmt.Sprint("t", n+1),
				Images: []string{fmt.Sprint("shop:1.", n)},
			},
			CreatedAt: noon.Add(time.Duration(n-1) * time.Hour), Pods: 3, Scheduled: 3, Started: 3, Ready: 3, Nodes: 2, Desired: 3,
			ReadySince: noon.Add(-time.Hour), AllReadySince: noon.Add(-time.Hour), SlowestReady: 5 * time.Second,
		})
	}
	return o
}

// Every field can be read, and holds what the engine knows.
func TestEval(t *testing.T) {
	c, f := asked(t)
	for expression, want := range map[string]bool{
		`workload.kind == "Deployment" && workload.namespace == "shop" && workload.name == "web" && workload.manager == "Helm"`:         true,
		`workload.labels["tier"] == "backend" && workload.labels.tier == "backend" && "tier" in workload.labels`:                        true,
		`"team" in workload.labels && workload.labels["team"] == "a"`:                                                                   false,
		`has(workload.labels.team) || workload.labels.size() != 1`:                                                                      false,
		`workload.replicas == 3 && workload.updatedReplicas == 3 && workload.readyReplicas == 3 && workload.availableReplicas == 3`:     true,
		`revision.number == 2 && revision.name == "web-2" && revision.images == ["shop:1.1"] && revision.images[0].startsWith("shop:")`: true,
		`revision.pods == 3 && revision.scheduled == 3 && revision.started == 3 && revision.ready == 3 && revision.nodes == 2`:          true,
		`revision.desired == 3 && revision.lost == 0 && revision.disrupted == 0 && revision.slowestReady == duration("5s")`:             true,
		`revision.age == duration("3m") && old.age == duration("63m") && rollout.age == duration("2m")`:                                 true,
		`old.number == 1 && old.images.all(i, i == "shop:1.0") && old.failures.size() == 0`:                                             true,
		`rollout.paused || rollout.recreate`: false,
		`finding.reason == "CrashLoop" && finding.level == "Convicting" && finding.message.contains("exited with code 3")`:                         true,
		`finding.failures == revision.failures && finding.failures.size() == 1`:                                                                    true,
		`finding.failures.all(f, f.reason == "Error" && f.container == "app" && !f.init && f.exited && f.exitCode == 3)`:                           true,
		`finding.failures.exists_one(f, f.message == "boom" && f.pods == 2 && f.nodes == 2 && f.count == 6 && f.maxCount == 3 && f.repeated == 2)`: true,
		`finding.failures.map(f, f.samples).exists(s, s == ["web-2-a"])`:                                                                           true,
		`changes.exists(c, c.path.endsWith(".image") && c.from == "shop:1.0" && c.to == "shop:1.1") && changes.size() == 1`:                        true,
		`changes.filter(c, c.path.matches("env")).size() > 0`:                                                                                      false,
		`revision.pods > 2 ? true : 1 / revision.lost == 1`:                                                                                        true,
	} {
		predicate, err := cel.Compile(expression)
		if err != nil {
			t.Errorf("%s\n%v", expression, err)
			continue
		}
		for range 3 {
			if got, err := predicate(c, f); err != nil || got != want {
				t.Errorf("%s\n= %v, %v, want %v", expression, got, err, want)
			}
		}
	}
}

// Without an old revision, and without anything at all, there are empty values
// and no panic.
func TestEvalOfNothing(t *testing.T) {
	empty := &policy.Case{Observation: &policy.Observation{}, Revision: &policy.Revision{}}
	predicate, err := cel.Compile(`old.number == 0 && old.images.size() == 0 && changes.size() == 0 && workload.labels.size() == 0 &&
		finding.failures.size() == 0 && finding.level == "Clear" && rollout.age == duration("0s") && revision.age == duration("0s")`)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := predicate(empty, policy.Finding{}); !got || err != nil {
		t.Errorf("= %v, %v", got, err)
	}
}

// What cannot be evaluated is an error in one short line, the same every time.
func TestEvalErrors(t *testing.T) {
	c, f := asked(t)
	// More than a case ever holds, so that the estimate lets it pass.
	long := *c.Revision
	for i := range 3000 {
		long.Images = append(long.Images, fmt.Sprint("image-", i, strings.Repeat("x", 300)))
	}
	big := *c
	big.Revision = &long
	for expression, want := range map[string]string{
		`workload.labels["team"] == "a"`:                                                    "no such key: team",
		`1 / revision.lost == 1`:                                                            "division by zero",
		`revision.number * 9223372036854775807 > 1`:                                         "integer overflow",
		`finding.failures[7].exitCode == 1`:                                                 "index out of bounds: 7",
		`int(workload.name) == 1`:                                                           "type conversion error",
		`revision.images.exists(a, revision.images.exists(b, a + b == "x"))`:                "it costs more than 100000 operations",
		`revision.images.map(a, a + a + a + a + a + a + a + a).exists(a, a.contains("zz"))`: "it costs more than 100000 operations",
	} {
		predicate, err := cel.Compile(expression)
		if err != nil {
			t.Errorf("%s\n%v", expression, err)
			continue
		}
		var first string
		for i := range 5 {
			got, err := predicate(&big, f)
			if got || err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s\n= %v, %v, want %s", expression, got, err, want)
				break
			}
			if i > 0 && err.Error() != first {
				t.Errorf("%s\nsays %s and then %s", expression, first, err)
			}
			first = err.Error()
		}
	}
}

// In the engine a condition that fails makes a verdict wait, one that is false
// takes the finding away, and one that is true changes nothing.
func TestInEngine(t *testing.T) {
	for expression, want := range map[string]policy.Phase{
		`true`:                          policy.RollingBack,
		`revision.number == 1`:          policy.Baking,
		`workload.labels["no"] == "no"`: policy.Suspect,
	} {
		predicate, err := cel.Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		if got := crash(predicate); got != want {
			t.Errorf("%s: phase %s, want %s", expression, got, want)
		}
	}
}

func BenchmarkPredicate(b *testing.B) {
	c, f := asked(b)
	predicate, err := cel.Compile(`workload.labels["tier"] == "backend" && finding.failures.all(f, f.exitCode != 75) && old.number > 0`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := predicate(c, f); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cel.Compile(`finding.failures.exists(f, f.exitCode != 75) || changes.exists(c, c.path.endsWith(".image"))`); err != nil {
			b.Fatal(err)
		}
	}
}
