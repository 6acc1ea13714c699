// Package kubeevents tells of transitions in Kubernetes' own way: as Events of
// the Deployment, for those who type kubectl describe.
//
// They are a convenience. The API server keeps them for an hour, undog drops them
// where they would get in the way, and what is told after a restart from memory
// alone is not told here again: who needs every transition reads the stream.
//
// An Event's reason, action and note are constant for what happened and why, so
// that what is repeated becomes a series and not a flood. Evidence, numbers and
// texts of pods are left to the stream.
//
// client-go's broadcaster is not used: it starts a goroutine for each Event, which
// loses their order, it drops from a full queue without saying so, it cannot be
// emptied before the end, and what it fails to write it writes to klog, each time.
//
// The package must not judge and must not delay who does: Add never waits. It
// creates and patches Events, and reads and writes nothing else.
package kubeevents
