package watcher

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// podRecord is a Pod, reduced to what an Observation can need. A healthy pod
// has no trouble and costs little more than its names.
type podRecord struct {
	identity
	node word
	// ranBy is podStatus.ran as far as restarts tell: see the function.
	ranBy uint32
	// born is when the API server created it, in Unix seconds.
	born uint32
	podShown
}

// podShown is what a pod shows of itself.
type podShown struct {
	podStatus
	// trouble holds the containers that exited or are held up, and what is
	// wrong with the pod as a whole.
	trouble rare[trouble]
}

// podStatus is the part of it that compares with ==. Its times are kept in 32 bits:
// there are many pods.
type podStatus struct {
	// images is what the runtime says it runs.
	images word
	// ran is when the last of the containers first ran, as far as this one
	// status shows; 0 while there is one that never did. Unix seconds on the
	// node's clock.
	ran uint32
	// readyAt is when the Ready condition last changed. Unix seconds on the
	// node's clock; 0 without such a condition.
	readyAt uint32
	// initSince is since when a regular init container has been running, 0 if
	// none is, and initTook how many seconds the longest took that ended well.
	initSince, initTook uint32
	ready               bool
	// created says that one of the containers has got past being created.
	created bool
	// finished says that the phase is Succeeded or Failed.
	finished bool
	// void says that the pod is being deleted or disrupted: nothing that it
	// shows is its revision's doing.
	void bool
	// reprieved says that a disruption was announced and called off.
	reprieved bool
}

// same tells whether a pod shows the same twice.
func (s *podShown) same(o *podShown) bool {
	return s.podStatus == o.podStatus && slices.Equal(s.trouble.all(), o.trouble.all())
}

// reducePod keeps of a pod what an Observation can need, and only its identity
// if no ReplicaSet controls it.
func reducePod(p *corev1.Pod) *podRecord {
	r := &podRecord{identity: reduceIdentity(p, "ReplicaSet")}
	if r.owner == (uid{}) {
		return r
	}
	s := &p.Status
	r.node = intern(cleanName(p.Spec.NodeName, maxName))
	r.finished = s.Phase == corev1.PodSucceeded || s.Phase == corev1.PodFailed
	r.void = p.DeletionTimestamp != nil || disrupted(s)
	r.born = stamp(unixSeconds(p.CreationTimestamp))
	r.ran, r.ranBy = stamp(firstRan(p)), stamp(ranBy(p))
	r.images = runningImages(s.ContainerStatuses)
	r.created = slices.ContainsFunc(s.ContainerStatuses, created) || slices.ContainsFunc(s.InitContainerStatuses, created)
	if s.Reason != "" {
		r.trouble.add(trouble{waiting: internReason(s.Reason), message: internMessage(s.Message)})
	}
	for i := range s.Conditions {
		r.reduceCondition(&s.Conditions[i])
	}
	if r.void {
		// It will not be looked at again.
		r.trouble.set(nil)
		return r
	}
	if !r.finished {
		r.reduceContainers(p)
	}
	return r
}

func (r *podRecord) reduceCondition(c *corev1.PodCondition) {
	switch c.Type { //nolint:exhaustive // the other conditions say nothing that is used
	case corev1.PodReady:
		r.ready = c.Status == corev1.ConditionTrue
		r.readyAt = stamp(unixSeconds(c.LastTransitionTime))
	case corev1.DisruptionTarget:
		r.void = r.void || c.Status == corev1.ConditionTrue
		r.reprieved = c.Status == corev1.ConditionFalse
	case corev1.PodScheduled:
		// A pod held back by a scheduling gate waits for its owner, not for luck.
		if c.Status == corev1.ConditionFalse && c.Reason != "" && c.Reason != corev1.PodReasonSchedulingGated {
			r.trouble.add(trouble{waiting: internReason(c.Reason), message: internMessage(c.Message)})
		}
	}
}

func (r *podRecord) reduceContainers(p *corev1.Pod) {
	for i := range p.Status.InitContainerStatuses {
		s := &p.Status.InitContainerStatuses[i]
		serving := restartable(p, s.Name)
		if !serving {
			r.timeInit(&s.State)
		}
		if t, ok := reduceContainer(s, true, serving); ok {
			r.trouble.add(t)
		}
	}
	for i := range p.Status.ContainerStatuses {
		if t, ok := reduceContainer(&p.Status.ContainerStatuses[i], false, true); ok {
			r.trouble.add(t)
		}
	}
}

// restartable tells whether an init container is a sidecar: it is meant to
// keep running, so that even an exit 0 is a failure.
func restartable(p *corev1.Pod, name string) bool {
	for i := range p.Spec.InitContainers {
		c := &p.Spec.InitContainers[i]
		if c.Name == name {
			return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
		}
	}
	return false
}

// firstRan is when the last of the pod's containers first ran, 0 while there
// is one that never did. Init containers run before, and need not be asked.
func firstRan(p *corev1.Pod) int64 {
	statuses := p.Status.ContainerStatuses
	if len(statuses) == 0 || len(statuses) < len(p.Spec.Containers) {
		return 0
	}
	var last int64
	for i := range statuses {
		ran := containerRan(&statuses[i])
		if ran == 0 {
			return 0
		}
		last = max(last, ran)
	}
	return last
}

// containerRan is the earliest start that a container's status shows, 0 if none.
func containerRan(s *corev1.ContainerStatus) int64 {
	var first int64
	see := func(t metav1.Time) {
		if u := unixSeconds(t); u > 0 && (first == 0 || u < first) {
			first = u
		}
	}
	if s.State.Running != nil {
		see(s.State.Running.StartedAt)
	}
	if s.State.Terminated != nil {
		see(s.State.Terminated.StartedAt)
	}
	if s.LastTerminationState.Terminated != nil {
		see(s.LastTerminationState.Terminated.StartedAt)
	}
	return first
}

// unixSeconds is 0 for an absent time and for the epoch, which runtimes write
// where a container never started.
func unixSeconds(t metav1.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(t.Unix(), 0)
}
