// Package wire is an API server made of encoded objects: what undog asks of a
// real one, over TLS and HTTP/2, lists and watches in protobuf. Objects are
// encoded once, when they are written, so that serving hundreds of thousands of
// them takes little from the machine that is measured.
//
// It owns resource versions, the watch protocol with streamed lists and bookmarks,
// the preconditions of writes, and a count of what was asked. It keeps the last
// changes of each resource; who asks for older ones is told that they are gone.
// It must not know what objects mean: who writes them reacts to what clients
// change.
//
// It is no replacement for a real API server: it validates nothing, watches are
// of all namespaces, and of selectors only those that every object of a
// benchmark satisfies are understood.
package wire
