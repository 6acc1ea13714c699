// Package unread says in words why the API server could not be asked for something
// that only a node has, such as a log.
//
// Errors of that kind hold addresses of the cluster's insides, which tell a reader
// of events nothing. It must not decide what follows from them.
package unread
