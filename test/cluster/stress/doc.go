// Package stress makes an API server fail its clients in the ways in which real
// ones do: it asks to wait, answers with errors before or after it has done what
// it was asked for, is slow, cuts watches, forgets where they were, and, being
// one of several, knows less than another did.
//
// A Fault stands between a client and the server, in the transport of whoever
// talks to the server: Through puts it there, under a proxy of package hold or
// in a client of its own. What a Fault does depends on the requests alone and
// on a seed, so that a run can be repeated.
//
// The package owns answers and nothing else. It must not write to the cluster,
// and must not judge what its clients make of it.
package stress
