// Package snapshot reads one Deployment and all that belongs to it, once, for
// the commands that look at a cluster without a daemon. What is read goes
// through the watcher's own reducer, so that it means the same.
//
// It only gets and lists. It must not judge, and keeps nothing.
package snapshot
