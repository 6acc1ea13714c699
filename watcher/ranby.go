package watcher

import (
	corev1 "k8s.io/api/core/v1"
)

const (
	// shortestWait is how long a kubelet waits, in seconds, before it restarts a
	// container for the second time; it waits twice as long each time, up to
	// longestWait. By default that is 10 and 300; this is the shorter of the two
	// that it may be told by a feature gate, so that time is lost and not gained
	// (k8s.io/kubernetes/pkg/kubelet/kubelet.go, reducedInitialCrashLoopBackOff).
	shortestWait, longestWait = 1, 60
	// forLong is after how many restarts it does not matter any more how many.
	forLong = 1000
)

// ranBy is by when the last of the pod's containers must have run for the first
// time, 0 while there is one that never did: earlier than what the status shows of
// containers that have been restarted again and again since. It is of use only
// where nobody saw them, and the pod has been unready for as long.
func ranBy(p *corev1.Pod) int64 {
	if firstRan(p) == 0 {
		return 0
	}
	var last int64
	for i := range p.Status.ContainerStatuses {
		s := &p.Status.ContainerStatuses[i]
		// What is shown may be the attempt before the last one.
		last = max(last, containerRan(s)-waited(s.RestartCount-1))
	}
	return last
}

// waited is how long a kubelet waits at least while it restarts a container so
// often, in seconds.
func waited(restarts int32) (all int64) {
	for n, wait := int32(1), int64(shortestWait); n < min(restarts, forLong); n++ {
		all += wait
		wait = min(2*wait, longestWait)
	}
	return all
}
