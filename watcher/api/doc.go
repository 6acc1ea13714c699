// Package api holds typed clients for the few kinds of objects that undog reads and
// writes.
//
// They ask what client-go's own typed clients ask, to the byte, of client-go's REST client,
// which does all that is hard. What they leave out is the rest of that clientset: it
// registers every type of every API group there is, so that no linker can drop one, and
// makes a program of 40 MB one of 52, most of which is resident sooner or later. Even the
// part that the typed clients share (k8s.io/client-go/gentype) brings client-go's fakes.
//
// Interface is what is used. New makes one that talks to an API server, package apitest
// one out of any client of client-go, for tests.
package api
