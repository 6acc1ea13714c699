// Package stage decides what a play needs besides its text: which pod plays
// which part, on which node it stands, and whether the ConfigMaps and Secrets
// that it names are there. Messages are those of kube-scheduler and kubelet.
//
// It is pure: it calls no API and reads no clock. The scripted kubelet of the
// test clusters and the corpus in virtual time share it, so that both play the
// same.
package stage
