// Package app is the command line of undog-node: it hands the arguments to the
// program that the first one names.
//
// It owns the choice only: kubelet and kube-scheduler are Kubernetes' own
// commands, and the supervisor is package supervisor.
package app
