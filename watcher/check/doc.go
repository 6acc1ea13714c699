// Package check is the contract of checks: what looks at a pod the way one of
// its users would, for the bugs that probes cannot see.
//
// A [Check] is a short script of HTTP requests, played by a persona against
// one pod: cookies are kept, a form of the last page can be submitted with its
// CSRF token, parts of a response can be captured and used later, and each step
// may state what it expects. Package play plays one. Package differ compares
// what two pods of the old revision and one of the new answered at the same
// moment, and needs no expectation at all.
//
// # What a result means
//
// Passed: every expectation held. Failed: one did not hold; the pod answered,
// and not as the check says it must. Inconclusive: nothing was learned about the
// revision, and [Result].Reason says why: the pod could not be reached, asked
// for patience (429), a capture found nothing, a redirect led elsewhere. A
// capture that finds nothing is the check's fault more often than the
// release's; where a form was really lost, package differ says so.
//
// # What convicts
//
// [Judge] has the whole rule. A failure convicts the new revision only if the
// old one, asked at the same moment, did not fail as well: a check that fails
// on both is wrong, or what both depend on is away. A pod that could not be
// reached convicts only if the old one answered at that moment. Without an old
// pod only a failed expectation convicts, since it needs no baseline. One
// result is a sample, not a verdict; how many it takes is for package policy.
//
// # Safety
//
// A check reaches one pod and nothing else: every connection is made by the
// caller's Dialer, redirects to another host are errors, and no proxy of the
// environment is asked. Steps, bodies, captures, redirects and time are
// bounded (limits.go). Regular expressions are RE2. What a persona brings, what
// was captured and what cookies hold is cut out of everything that leaves, by
// value and before it is shortened; request bodies are never kept.
//
// Steps are really carried out, on the new pod and on the old ones: a check
// that posts an order orders it each time. Write checks that read, or that use
// a persona whose data do not matter.
//
// # What it must not do
//
// This package does no I/O and reads no clock. It knows neither the
// configuration file nor Kubernetes.
package check
