// Package checkrun plays checks now, once, for whoever writes them, and lays out
// what came of it: each request and its answer, what was captured, expectation
// by expectation, what differs between the old revision and the new one, and
// what undog would make of it.
//
// It chooses the pods itself, from what the API server says at that moment, and
// plays with the same packages as the daemon. It judges nothing: one play is a
// sample, and how many it takes is for package policy.
//
// What it shows has passed the play's own redaction: no secret of a persona, no
// captured value that the check does not reveal, no cookie. What pods answer
// cannot steer the terminal; characters that would are written out.
package checkrun
