// Package daemon tests the real undog binary against a real API server with
// the real controllers and scripted nodes: whether bad releases are undone,
// good ones left alone, and what happens when undog, its connections or its
// rivals come in between.
//
// undog acts with the rights of deploy/rbac.yaml and no others. What it did is
// read from the cluster, from the API server's audit log and from the event
// stream, and from its own log only which rights it has to do without.
package daemon
