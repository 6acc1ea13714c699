// Package app wires undog together: configuration, clients, the watcher, the
// engine, the executor and the outbox.
//
// Data goes one way. The watcher reduces the cluster to Observations; the loop,
// the one goroutine that owns the engine, steps through them; decisions go to
// the actions, whose outcomes come back to the loop as inputs; transitions go
// to the log, the metrics and the outbox. The loop never waits for the API
// server or for NATS.
//
// Plays of checks go beside the loop (checks.go), as it asks for them. The keeper
// (keep.go) alone has some played by itself: on what is settled, so that the next
// release has something to be compared with. Their results are kept and judge nobody.
//
// Of several undogs one acts (election.go, package lead). The loop of one that
// stands by steps its engine all the same, and keeps for a while what the other
// one should tell (lead.go); when its turn begins it makes good what was left
// undone (turn.go). A stop gives the lease back once the writes have ended, and
// before the events are drained.
//
// The package must not judge (that is policy's) and must not write to a
// workload (that is policy/rollback's).
package app
