// Package played says in words what a check has shown of a revision, and what
// was reported of it from outside, the same wherever undog tells of it.
//
// Texts come from pods: whoever writes them makes them printable, as package
// page does. It must not judge; what convicts is the engine's to say.
package played
