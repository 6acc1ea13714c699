// Package ledger is undog's memory. Store keeps, for every judged revision of
// a Deployment, one ControllerRevision that the Deployment owns: the pod
// template as data, the verdict and its evidence as an annotation. It is
// garbage-collected with the Deployment and carries none of its labels. None
// keeps nothing.
//
// The package also owns the annotations that undog leaves on a workload, their
// names and their encoding, because readers and the writer must agree on them.
//
// What is read may have been written by anybody: Decode and DecodeRollbacks
// bound and check everything. The package must not decide anything and must
// not write to workloads; only package rollback does.
package ledger
