// Package hold puts proxies between undog and the servers it talks to, so that
// a test can stop time at one request: hold it before the server sees it, or
// hold the server's answer, and do in between what may go wrong in between.
//
// API stands before an API server, NATS before a NATS server. The package owns
// connections and nothing else: it changes no byte of what passes, and must
// not judge it.
package hold
