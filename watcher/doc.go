// Package watcher turns what the API server says about Deployments,
// ReplicaSets, Pods and undog's own ControllerRevisions into one
// policy.Observation per workload. What it says about Nodes, ConfigMaps and
// Events makes an Observation richer; undog does without where it may not read
// them.
//
// It has two halves. State is a pure reducer: it does no I/O and reads no
// clock, takes API objects in whatever order they come, and hands out the
// workloads that changed. Watcher is the shell around it: reflectors
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
// Whole pods. status.reason (OutOfcpu, NodeAffinity…) and an unschedulable pod
// are failures without a container. A pod that is being deleted, that carries
// DisruptionTarget=True or that its node took away (NodeLost, NodeShutdown,
// Terminated, Preempting, Evicted for want of resources) counts in
// Revision.Disrupted and contributes nothing else: what happens to it is not its
// revision's doing. Evicted beyond a limit of its own, it is a failure. A pod
// that is finished (Failed, Succeeded) is not counted as a pod; what it showed
// before stays, and the exits that finishing brought about are not counted.
//
// Nodes. A pod whose node is not ready, or is gone, counts in Revision.Lost and
// nowhere else. Its exits from before the node came back are hidden, and it is
// waited for only since then. A node that was never seen is ready.
//
// Incidents. The first exit of a container that is meant to run is the pod's
// Incident, once; gaps in what the node knows (Unknown, ContainerStatusUnknown)
// are none. It outlives its pod. Hosts are kept up only while the new revision
// has an Incident that was seen to happen.
//
// Events only explain. Of a pod whose containers were never created, FailedMount,
// FailedAttachVolume and FailedCreatePodSandBox are shown as failures until a
// container is created or NoteLasts has gone by since the last one. What
// Unhealthy and Killing say about a liveness or startup probe becomes the
// message of an exit that has none. Nothing is kept of Events about pods that are not held, and
// none from before undog started are read.
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
// Revision.Fell says how many of those pods had been ready before, or may have
// been: the others are only starting.
//
// After a restart everything is rebuilt from statuses. That may lose evidence
// and never gains any: what may have happened before the first look counts in
// the revision's favour, and exits found at the first look are dated by the node
// (Failure.First and Last), so that they do not pass for new ones. A pod that is
// unready, and was restarted so often that this took a while, has been waited for
// since then: one that crashes for days is no news after a restart.
//
// # Contact
//
// Watcher.Lost says since when something that undog cannot do without is not
// read: lists or watches fail, or a watch that ended is not open again within
// seconds. A quiet watch is believed. One that starts with everything that exists
// is contact when that has come in.
//
// # What is read and kept
//
// Full API objects do not outlive their reduction, and most of them is never
// decoded: see package slim, which reads the next ones into those that are given
// back. The spec of a Deployment or ReplicaSet is read once for each
// metadata.generation, as soon as a revision has the Deployment's template (spec.go). What is first listed is taken in as it comes; of a later list, by half of
// which nothing may be judged, the records are kept until all have come (sink.go). An
// object whose name begins with its owner's and whose UID is a
// UUID, as nearly all, is kept without both (kept.go).
//
// # What is old and has no pods
//
// Of the ten ReplicaSets that a Deployment keeps from before, an Observation that
// Take gives says nothing but how long their pods took: they are its Idle, made
// for whoever asks. To that end a revision without pods is never changed but
// replaced by a copy. Observe and Remembered give them all.
//
// # Rules
//
// The package never writes to the cluster and never holds a client: it is
// given ListerWatchers. It does not judge. The cost of a change does not grow
// with the number of healthy pods.
package watcher
