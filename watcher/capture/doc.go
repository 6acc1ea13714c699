// Package capture reads what an undo takes away: the statuses of the containers
// that failed, and the last lines of their logs.
//
//	r := capture.New(capture.Options{Pods: client.CoreV1(), Seen: watching.Pods, Lines: 20})
//	captured := r.Read(ctx, decision) // returns when ctx ends, at the latest
//
// It looks at a few containers that the evidence names, one of each kind of failure
// first, and at pods that are not ready where it names none. A pod is read from the
// API server first: one that is not of the judged revision is left out, as names of
// pods may be in old evidence. Of a container that was started again after it had
// failed, the log of the one before is read.
//
// # Bounds
//
// At most policy.MaxCaptured containers of one decision, Options.Lines lines of
// each, policy.MaxLine bytes of each line, one try at each request, and no more
// than eight containers at the same time over all decisions: who comes later is
// told so. What a kubelet does not answer before ctx ends is not waited for.
//
// # What it must not do
//
// A log may hold anything: redact.Lines cuts out what looks like a secret before
// anything is shortened or leaves the package, and nothing is kept. It writes
// nothing and decides nothing: a log that cannot be had is told with the reason,
// and holds back no undo.
package capture
