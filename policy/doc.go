// Package policy judges rollouts. It is the core of undog, and pure: no I/O, no
// clock, no goroutine, no logger, and nothing imported but the standard
// library. The same inputs give the same outputs, byte for byte, so a verdict
// can be replayed, simulated and tested in milliseconds.
//
// # How it is driven
//
// One goroutine owns an [Engine] and calls Step with one [Input] at a time:
//
//   - an [Observation]: the present state of one workload, from the watcher;
//   - a [Comparison]: what changed between two revisions, as asked for;
//   - a [CheckResult]: what a play of a check gave, as asked for;
//   - a [Report]: what somebody who knows better says of a revision;
//   - an [Outcome]: how a write ended;
//   - [Gone]: the workload no longer exists;
//   - [Contact]: since when the caches may be old;
//   - [Fleet]: what other processes see of their part of the fleet;
//   - [Leadership]: whether this process is the one of several that acts;
//   - [Wake]: the time promised in [Ready].WakeAt has come.
//
// Each carries its own time. Step returns a [Ready]: decisions to carry out in
// order, transitions to publish, and when to call again. The caller must
//
//  1. carry out each [Decision] and feed the result back,
//  2. publish each [Transition], without making decisions wait for it,
//  3. call Step with a Wake at WakeAt, or with anything else before.
//
// Inputs are level-triggered. A lost, late or repeated one does no harm, since
// each Observation holds the whole state. All that must survive a restart is in
// the cluster: the ledger's [Record]s and the [Rollback]s that the workload
// itself remembers come back with the first Observation. A restart may lose
// evidence; it never gains any.
//
// # How a verdict is reached
//
// Every Observation of a workload whose current revision has not proved itself
// goes through four steps, each in a file of its own:
//
//  1. Rules (case.go has the list, rule_*.go one each) look at the evidence
//     against the current revision and say Clear, Suspicious or Convicting.
//     The first rule that convicts wins. A policy may say under which
//     condition a finding applies at all.
//  2. Vetoes (case.go has the list, veto_*.go one each) say why a conviction is
//     not acted upon: the old revision or other workloads fail in the same way,
//     the failures sit on one node of several, going back would change nothing,
//     the owner has paused the workload, half of the fleet fails at once.
//     A veto leads to Held, and is told with its reason.
//  3. The target (target.go) is the newest revision proven good, never merely
//     the previous one. Without one nothing is undone.
//  4. The policy's action: roll back, pause, or only tell. There is one undo
//     per bad revision, and three per workload and hour.
//
// # The three layers of rules
//
// Layer 0 reads reasons. What Kubernetes itself says about a pod is the
// revision's own fault (an image that does not exist, a command that cannot be
// executed), the environment's (a registry that times out, a node without
// room), or neither for certain (a crash). The first convicts when it was seen
// twice, or has stood for a grace; the second never; what is uncertain must
// repeat itself, in the same way, in at least half of the pods.
//
// Layer 1 counts (sequential.go, package eprocess). It compares how often pods
// fail after they had been ready with the pods of the revision that is being
// replaced, at the same age, and may be looked at after every event: of good
// releases it convicts fewer than Policy.Budget. It needs about a dozen failing
// pods; in a small workload it never has a say.
//
// Layer 2 is the breaker for where there is too little to count or nothing to
// compare with: a leaky count of distinct failing pods, and each pod's own
// availability clock, which flapping does not reset.
//
// # Checks
//
// What probes do not see, checks do (play.go, checking.go, rule_check.go). From
// the moment that a pod of a judged revision is ready until it is proven, the
// engine asks for a [Play] of each check that is for the workload: on its pods
// and, at the same moment, on those of a revision that it is compared with. It
// says when, and never how: every second while the revision is young or the
// next play may decide, then as the check says, less and less where nothing is
// learned, and slowly on what is convicted and left in place. A play is no write.
// Nothing waits for one, and one that is not answered is given up.
//
// Results are evidence of Layer 1. A check convicts where it fails more often
// than on the old pods at the same moment; [Policy].Budget is shared among the
// checks and the test of what pods do by themselves, so that it bounds all of
// them together. Three things must come along: the warm-up of the first pods
// is over, the last play failed, and it is not one bad pod among good ones.
//
// Without old pods there are two ways. Answers of old ones that were kept, those
// of a revision proven before and those of this rollout, are compared with plays
// that have none beside them, each once. And where every play fails, a run of
// them convicts (Layer 2): of five, if the old revision passed in this rollout;
// for half a minute, if the check is known to pass on other revisions; of ten for
// a minute, if it is not; and of ten for five minutes, if it had passed on the
// revision itself, since what comes late has often come from outside. Unless the
// old revision passed, only an expectation can do that, never a mere difference.
//
// A check that fails on the old revision as well convicts nobody and does not
// keep a release from becoming good, nor does one that gives no result. Both
// are told once. What changed without being held against the revision is told
// too. A revision that fails now and then with nothing to compare with stays
// suspected: it is neither proven nor undone.
//
// What a check convicts for is likely in the images, whichever revision has them.
// So no revision with the very images of the convicted one is a target, unless
// the check passed on it beside the convicted one. A restart loses what checks
// have shown. What is on record as failing one is acted upon once that fails
// again, and does not heal before it passes.
//
// # Reports
//
// Somebody who knows better may say that the current revision is good or bad
// (report.go, rule_report.go), and is answered in [Ready].Answer. Bad convicts:
// no rule weighs it, but undog still does not act where it must not, and finds
// a target as after a check. Good proves a complete revision that nothing
// convicts, without waiting for the bake window. The last report counts until
// something was decided. Also a revision that is proven already can be reported
// bad, if the report comes with an Observation.
//
// # Blame
//
// What many workloads go through at once is in fleet.go: a workload that
// nobody is releasing and that begins to fail says more about a database or a
// registry than about anybody's release. The same numbers engage the fleet
// brake.
//
// In a large fleet something fails at any time, and pods start everywhere. So
// trouble (trouble.go) is what fails, a pod that was ready and no longer is, and
// one that has been starting for longer than its kind takes: twice the slowest
// so far, half a minute at least. A pod that merely starts is none. And others
// excuse a release only if clearly more of them than usual began to fail in the
// same way, by more than three standard deviations, and no fewer than two in its
// namespace, three anywhere, or one that needs the same registry (veto_others.go).
// What is usual (usual.go) is counted every minute, for all workloads, each
// namespace and each registry: the median of the averages over ten minutes, of
// the two hours before. An outage is never usual, unless it lasts for half of
// that. Until half an hour has been seen, one workload in a thousand is.
//
// # After the undo
//
// The revision that was returned to is not judged again: it may be slow or
// unready for reasons of its own, which is told and nothing more. If it fails
// in the very way that convicted the other one, the conviction is withdrawn. If
// the undone template comes back, whoever brought it is told and not fought.
//
// # Several undogs
//
// One that stands by (lead.go) judges what it sees like the one that leads, and
// learns from what that one writes. It decides nothing but comparisons. When it
// takes over it judges everything again that is not settled, and asks for what
// is due: what the other one did is found, by its id, and not done twice.
//
// # Good
//
// A revision without evidence against it becomes Good once it has been complete
// and available through its bake window. A revision whose pods were ready
// through a bake window before undog came is good as well; that is written down
// only when a rollout replaces it.
//
// # Phases
//
//	            evidence            enough, no veto         undone
//	Progressing ────────▶ Suspect ─────────────▶ RollingBack ──────▶ RolledBack
//	   │   ▲                 │ │                     │                   │
//	   │   └──── cleared ────┘ │ veto                │ only told         │ target
//	   │ complete              ▼                     ▼                   │ complete
//	   ▼                     Held ◀──────────────────┘                   ▼
//	Baking ───── bake window over ─────────────────────────────────▶ Good
//
//	the undone template comes back, or the third undo in an hour ──▶ Halted
//
// Evidence during Baking leads to Suspect as well: complete is not good.
//
// # Clocks
//
// Observation.At and all times derived from it are undog's own. Pod and
// condition timestamps are whole seconds of another machine's clock; they are
// used only over spans (a bake window) in which that does not matter.
//
// # What it must not do
//
// It must not import anything of Kubernetes or NATS, read a clock, draw a
// random number, range over a map without sorting, or keep a pointer that its
// caller may change. A test holds the imports to that.
package policy
