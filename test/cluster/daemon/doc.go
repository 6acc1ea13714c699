// Package daemon runs the real undog program as a child, for tests and the demo.
//
// It owns the process, its configuration file and its store; it must not
// import anything of undog that would let a test look inside: what undog did
// is read from the cluster, the audit log and NATS.
package daemon
