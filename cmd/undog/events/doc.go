// Package events is what undog events does: it reads undog's events from the
// stream and writes them for people or for programs.
//
// It knows about the stream and the event, and nothing of a cluster: it
// works wherever the NATS server can be reached. Flags are not its business.
package events
