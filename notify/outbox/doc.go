// Package outbox makes sure that what happened in the cluster reaches the
// stream, and that it is told once.
//
// It has no memory of its own. The cluster says what happened (the ledger and
// the workloads), the stream says what was told, and [Outbox] publishes the
// difference: at start, whenever the connection comes back, when the stream is
// seen to have lost what it had, and from time to time. In between, transitions
// are published as they are added, in the order in which they are added.
//
// Nothing in it may hold up a rollback: [Outbox.Add] never blocks and never
// fails. When the queue is full, best-effort events are shed first; durable
// ones that do not fit are forgotten and derived again later. Both are counted.
//
// The package must not know what carries the events; it talks to a
// notify.Publisher.
package outbox
