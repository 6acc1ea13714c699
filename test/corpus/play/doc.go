// Package play plays one scenario in one cell, in virtual time: a world, what
// happens to it, and an undog that watches it. The real watcher.State,
// policy.Engine, rollback.Executor and ledger.Store run in it; API objects go in
// through the State's own reducer, and writes go to the model's API server.
//
// What undog did is read from the objects: the Deployment's template and
// memory of undos, and the ledger. What it held is read from what it told.
// Watchers of another kind (package baseline) can look at the same objects.
//
// Checks are really played, on the pods' scripts, by the real player and with
// the real comparison, over connections in memory (package wire).
//
// It reads no clock. Only a check that is being played has goroutines, and the
// run waits for them.
package play
