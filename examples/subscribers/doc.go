// Package subscribers holds subscribers that run: a terminal, and a relay to a
// webhook of the chat kind. They are examples to start from, made of the public
// packages notify and notify/nats/subscribe alone.
package subscribers
