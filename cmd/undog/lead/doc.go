// Package lead decides which of several undogs acts: the one that holds a Lease.
//
// An [Elector] stands by until the Lease is free, or its holder has not renewed
// it for as long as it promised; then it takes the Lease and leads for a term.
// A term ends the moment the renew deadline has passed since the last renewal
// was sent, whatever the goroutines or the API server do then: [Elector.Leads]
// compares clocks, it waits for nothing. Whoever loses the Lease stands by
// again. One that stops gives the Lease back, and whoever stands by sees that
// at once, since it watches.
//
// Clocks of different machines are never compared: who stands by counts from
// when it saw the last renewal, who leads from before it sent it. So there is
// one leader at a time as long as one clock does not run faster than another by
// more than the lease duration exceeds the renew deadline.
//
// That is an optimisation, not a fence. A request may reach the API server long
// after it was sent; what makes double action impossible are the preconditions
// of every write. The package must not know what is done by whoever leads.
package lead
