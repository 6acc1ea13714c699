// Package lifecycle is the part of a kubelet that a status shows: containers
// that wait, start, become ready, exit, back off and restart, and the pod
// conditions and phase that follow.
//
// It is pure: the time is an argument, each Advance makes at most one visible
// change per container, and what the kubelet would ask its node or the API
// server it asks its Env. Messages and timing mirror k8s.io/kubernetes/pkg/kubelet.
package lifecycle
