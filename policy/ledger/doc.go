// Package ledger is undog's memory. Store keeps, for every judged revision of
// a Deployment, one ControllerRevision that the Deployment owns: the pod
// template as data, the verdict and its evidence as an annotation. It is
// garbage-collected with the Deployment and carries none of its labels. None
// keeps nothing.
//
// A record has one of two names, both derived from what it is of. If somebody
// else's object has the first, the second is used; such objects are left alone.
// An object of the workload's own under such a name that holds another template
// than the revision's is made anew, since data cannot be changed.
//
// The package also owns the annotations that undog leaves on a workload, their
// names and their encoding, because readers and the writer must agree on them.
//
// What is read may have been written by anybody: Decode and DecodeRollbacks
// bound and check everything, and a template is only as good as its hash, which
// its user compares. Who may create ControllerRevisions could still forge a
// record with a template of its own; deploy/ledger-policy.yaml keeps others from it. The package must not decide anything and must
// not write to workloads; only package rollback does.
package ledger
