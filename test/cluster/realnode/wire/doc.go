// Package wire is what a node's supervisor and the process that started it say
// to each other: lines of JSON, the supervisor's on its standard output and the
// parent's on its standard input.
//
// The supervisor sends steps, then one Prepared when containerd is up; the
// parent answers with one Config and keeps the pipe open for as long as the
// node shall live; the supervisor sends Started when the kubelet runs. The
// package owns the format and the names in the state folder, no behavior.
package wire
