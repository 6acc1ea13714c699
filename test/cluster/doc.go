// Package cluster starts and stops a local Kubernetes control plane for tests.
//
// It owns the child process, its state folder and the credentials to reach it;
// it must not import k8s.io/kubernetes, so that a test which uses it compiles
// in seconds. The control plane itself is package controlplane, which only
// cmd/undog-cluster links.
//
// Nobody survives: the child holds the read end of a pipe whose write end only
// the parent has, and exits when that closes, however the parent died.
package cluster
