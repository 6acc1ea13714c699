// Package logs looks at what the containers of both revisions have written since
// the last look, and counts the pods in whose log a pattern came up.
//
//	c, err := logs.New(check, opener)       // once; opener is logs.Through(pods)
//	sample := c.Sample(ctx, at, fresh, old) // pods that were read a moment ago
//
// A pod fails a look if any of the lines matches one of Log.Patterns and none of
// Log.Ignore. How many lines do plays no part: one accident may write a thousand.
//
// # Like with like
//
// Both revisions are looked at over the same stretch of time. A look begins where
// the one before ended; the first begins when the first of the new pods became
// ready, or five minutes ago, for old pods as well. What a pod wrote before it
// was ready is not looked at: pods complain while they start, and the old ones
// have long done so. A pod that could not be looked at for a while, because it
// was not ready, is looked at from where it was left, within five minutes; this
// is so on both sides. After a restart what the container before wrote is read
// too, if the node still has it.
//
// Give Sample the ready pods of both revisions. It follows up to ten of each, and
// the same ones as long as they are given: were they to take turns, those of the
// larger revision would have more time between looks for something to go wrong.
//
// # Bounds
//
// A look reads up to 1 MiB of each container's log and leaves out what was written
// beyond it; lines are matched in their first 64 KiB. A look that was cut is told
// in Result.Message, and counts: the limit is the same on both sides. Looks are
// windows, not moments: Sample asks for five seconds between them.
//
// A log that cannot be read says nothing about a revision, whatever the others
// gave: it is the node's, not the pod's.
//
// # What it must not do
//
// A log may hold anything. Only the line that matched leaves, without what looks
// like a credential (redact.Line), cut to 200 bytes. Nothing is kept but how
// far each pod was read.
package logs
