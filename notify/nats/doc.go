// Package nats carries events over NATS: it keeps the connection, creates or
// verifies the JetStream stream, publishes to it and reads from it. It also
// carries requests and their answers, which no stream keeps.
//
// It is the only package that imports nats.go. The connection is never given
// up, whatever fails: servers that are down at start, expired credentials,
// deleted streams. Publishing waits for the stream's acknowledgement, one
// event at a time; when it is lost the event may be stored or not, and the
// same id makes publishing it again harmless.
//
// A stream that exists is verified, never changed: it may be somebody's work,
// and most of what could be wrong with it cannot be changed without losing
// events.
//
// The package must not decide what to publish or when to try again; package
// notify/outbox does.
package nats
