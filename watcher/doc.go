// Package watcher turns what the API server says about Deployments,
// ReplicaSets, Pods and undog's own ControllerRevisions into one
// policy.Observation per workload.
//
// It has two halves. State is a pure reducer: it does no I/O and reads no
// clock, takes API objects in whatever order they come, and hands out the
// workloads that changed. Watcher is the shell around it: shared informers
// that feed a State and say when there is something to take. A simulator
// drives a State alone.
//
// # How objects find each other
//
// A pod belongs to the ReplicaSet that its controller reference names by UID,
// a ReplicaSet to the Deployment that its controller reference names by UID.
// Names and hashes are never used for that: both can be reused. An object
// that arrives before its owner waits for it, without losing what it showed
// meanwhile. A Deployment created again under its old name is another
// workload; the old one is Gone.
//
// # What a pod's status is taken to mean
//
// Exits. status.restartCount counts restarts, not exits. A container that is
// terminated now, or that waits to be restarted after the termination in
// lastState, has exited once more than it was restarted. Exits that were not
// seen one by one are counted under the newest termination, or, where the
// status shows two, all but one under the older. A regular init container
// that exits 0 has done its work; any other container that exits 0 has failed
// (Completed). CrashLoopBackOff is no reason of its own: the termination
// behind it is.
//
// Waiting reasons. ErrImagePull counts true attempts: each change into it, and
// one where the first thing seen is ImagePullBackOff. The message kept is that
// of the attempt. Every other reason but ContainerCreating and
// PodInitializing counts its appearances. When the container gets past it, the
// reason is forgotten: it no longer says anything about the revision.
//
// Whole pods. status.reason (Evicted, OutOfcpu, NodeAffinity…) and an
// unschedulable pod are failures without a container. A pod that is being
// deleted or that carries DisruptionTarget=True contributes nothing at all: what
// happens to it is not its revision's doing. A pod that is finished (Failed,
// Succeeded) is not counted as a pod; what it showed before stays, and the
// exits that finishing brought about are not counted.
//
// Time. Exits stay counted for as long as the pod exists, since they matter to
// the bake, but a pod that has been ready for SettleAfter since its last exit
// no longer shows the failure: it drops out of Failure.Pods and Failure.Nodes
// and stays in Count, MaxCount and Repeated.
//
// # The availability clock
//
// Revision.Waiting says since when a started pod has been without sustained
// readiness. The clock starts when the last of the pod's containers first ran,
// so that a slow pull or a pod without a node has none. It starts again only
// after the pod has been ready without a break for minReadySeconds, at least
// MinSustained: a pod that flaps never resets it. All of it is arithmetic on
// the node's own timestamps, so that late delivery does not shift it.
//
// After a restart everything is rebuilt from statuses. That may lose evidence
// and never gains any: what may have happened before the first look counts in
// the revision's favour, and exits found at the first look are dated by the node
// (Failure.First and Last), so that they do not pass for new ones.
//
// # Rules
//
// The package never writes to the cluster and never holds a client: it is
// given ListerWatchers. It does not judge. Full API objects do not outlive
// their reduction. The cost of a change does not grow with the number of
// healthy pods.
package watcher
