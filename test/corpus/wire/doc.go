// Package wire lets checks be played on pods that exist in virtual time only:
// connections are in memory, and what takes time moves a clock of the play's own
// on instead of waiting.
//
// The same answers come at the same times whatever the machine does, since each
// play has its clock and its server to itself. The goroutines of a connection
// end with it, at the latest when its Net is closed.
package wire
