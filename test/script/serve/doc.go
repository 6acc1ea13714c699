// Package serve answers HTTP requests as a play says: routes, a login, TLS. The
// scripted kubelet serves it on pods' addresses, the corpus over connections in
// memory.
//
// The package reads no clock and listens nowhere: what time it is, how to wait
// and what is away comes from its caller. The same seed, key and order of
// requests give the same answers.
package serve
