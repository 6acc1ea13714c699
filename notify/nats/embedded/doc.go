// Package embedded runs a NATS server with JetStream inside undog, for those
// who have none: the demo, a laptop, a small cluster.
//
// It is the only package that imports the server. Its acknowledgements are
// durable: every message is on the disk before it is acknowledged
// (sync_interval: always), which NATS by default does not promise.
//
// The store is a folder that belongs to one server at a time. Without one in
// Options it is the user's state folder, not a cache (a cache may be emptied
// at any time, and events are kept) and not a temporary folder (that would
// lose them with the next boot).
//
// It must not know about events or streams; package notify/nats connects to
// it as to any other server.
package embedded
