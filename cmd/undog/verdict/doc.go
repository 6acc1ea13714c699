// Package verdict is what undog verdict does: it reports a verdict on a
// revision to the undog that judges the cluster, over NATS, and returns its
// answer.
//
// It must not decide whether a verdict is right; undog does. Flags are not its
// business.
package verdict
