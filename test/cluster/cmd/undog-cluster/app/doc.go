// Package app is the command line of undog-cluster: up, down and status for
// people, and the hidden commands that they and package cluster start.
//
// It owns processes, flags and what is printed; how a cluster works belongs to
// the packages it calls.
package app
