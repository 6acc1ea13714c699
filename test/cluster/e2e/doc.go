// Package e2e plays rollouts on a real kubelet, with the real undog beside it,
// and measures them on the API server's own watch: change, first evidence,
// undone, healthy. It needs root; `make e2e` runs it with the build tag e2e.
//
// Times are printed, not asserted: the machine may be busy. What is asserted is
// what a time cannot blur, such as that the undo came before the fourth exit.
package e2e
