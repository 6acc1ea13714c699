// Package execute runs a command in a container of one pod of the new revision and,
// at the same moment, of some of the old one, and says what that shows.
//
//	c, err := execute.New(check, runner)   // once; runner is execute.Over(config)
//	sample := c.Sample(ctx, at, fresh, old) // pods that were read a moment ago
//
// The command is run as it is, without a shell and without input; standard output
// and error are read together, up to 256 KiB, and the rest is thrown away. Their
// lines may be out of order: they come over two streams.
//
// # What is judged
//
// The command ended: its exit code must be one of Exec.ExitCodes, and the output
// as Exec.Output says. What does not hold has failed, and needs no baseline.
//
// The command did not start, or did not end in time: that is a pod that gave no
// answer. It has failed only if another pod's answered at that moment: then it is
// not the check that is wrong. Exit codes 126 and 127 are such a start, which
// some runtimes report that way, unless ExitCodes names them.
//
// Everything else says nothing about a revision, whatever the other pods
// answered: a container that the pod does not have, a right that undog lacks, an
// API server or a node that is away.
//
// # What it costs
//
// A node cannot be asked to end a command: one that ran out of time goes on in the
// container for as long as it likes. Sample asks to wait before the next, so
// that they do not pile up. Commands should end by themselves, and only read.
//
// # What it must not do
//
// Output holds what the container knows, secrets too. It is not kept, and none of
// it leaves, with one exception: where an expectation found something in the
// output that must not be there, the line that holds it, without what looks like
// a credential (redact.Line) and cut short. An exit code comes alone.
package execute
