// Package cel compiles expressions of the Common Expression Language into the
// conditions of a policy: whether a finding of the built-in rules applies to a
// workload.
//
//	workload.labels["tier"] == "batch" ? finding.failures.all(f, f.exitCode != 75) : true
//	changes.exists(c, c.path.contains("image"))
//	revision.pods >= 3 && rollout.age > duration("1m")
//
// # What an expression can name
//
//	workload  the Deployment: kind, namespace, name, labels, manager, replicas,
//	          updatedReplicas, readyReplicas, availableReplicas
//	revision  the revision being judged: number, name, images, age, desired,
//	          pods, scheduled, started, ready, nodes, lost, disrupted,
//	          slowestReady, failures
//	old       the same of the revision that it replaces; old.number == 0 and
//	          everything else empty when there is none
//	finding   what the rule found: reason, level (Suspicious or Convicting),
//	          message, failures
//	changes   what differs from the old revision: a list of path, from, to;
//	          empty while that is not known, values that may be secret left out
//	rollout   age (how long undog has judged the revision), paused, recreate
//
// A failure has reason, container, init, exited, exitCode, message, pods,
// nodes, count, maxCount, repeated and samples (names of pods): they are
// policy.Failure's, and fields.go has the rest. Counts are int, ages duration.
//
// # What is promised
//
// An expression is type-checked when it is compiled: a field that does not
// exist, a comparison of a number with a text, a result that is not true or
// false are errors with their line and column. The language has no loop
// without end, and what it may cost is bounded twice: by an estimate when it
// is compiled and by a count when it is evaluated. Nothing that it can call
// reads a clock, a file or a network; time zones and everything else that
// depends on the machine are taken out, and so is looping over a map, which
// has no order. The same case gives the same answer, byte for byte.
//
// A key that is not there (workload.labels["tier"] without such a label), a
// division by zero or a cost above the limit is an error, and an error
// convicts nobody. Write "tier" in workload.labels && … to ask first.
//
// # What it must not do
//
// It must not import anything of Kubernetes, know the configuration file, or
// keep anything of a case after it was evaluated.
package cel
