// Package world is a small cluster in virtual time: a model of the API server,
// of the Deployment and ReplicaSet controllers, of the kubelet and of the
// people who own the Deployments. It keeps real API objects.
//
// Everything that happens is an event on a [Clock], and everything that is
// random is drawn from the generator that the World was made with, so that a
// seed names one history.
//
// The model is faithful where a watchdog can be deceived: generations rise with
// spec and annotations, but not with what controllers write; a ReplicaSet that
// was pruned comes back under its old name with a new UID; a progress condition
// outlives a return to an existing ReplicaSet; restartCount lags behind exits
// by one; a pod that is evicted looks like one that failed. It is coarse
// elsewhere: one namespace, one container per pod, nodes without capacity.
//
// The World also knows the truth that nobody in a cluster is told: the [Fate]
// of every template, and whether it has shown yet.
//
// The package must not know undog.
package world
