package watcher

import (
	corev1 "k8s.io/api/core/v1"
)

// trouble is what is wrong with one container, or, without a container, with
// the pod.
type trouble struct {
	container word
	init      bool
	// serving says that the container is meant to keep running.
	serving bool
	// backoff says that the container waits for the next attempt: no attempt
	// of its own.
	backoff bool
	// exits is how often the container has exited so far.
	exits int32
	// last is the newest exit and prev the one before it, where the status
	// shows both.
	last, prev kind
	// exitedAt is when the newest exit was. Unix seconds on the node's clock.
	exitedAt    int64
	exitMessage word
	// waiting is why the container is held up, unless its exits say so already.
	waiting word
	message word
}

// kind says how a container ended.
type kind struct {
	reason word
	exited bool
	code   int32
}

const (
	reasonCrashLoop     = "CrashLoopBackOff"
	reasonRunError      = "RunContainerError"
	reasonPostStart     = "PostStartHookError"
	reasonStatusUnknown = "ContainerStatusUnknown"
	reasonRestartingAll = "RestartingAllContainers"
	reasonUnknown       = "Unknown"
)

// reduceContainer returns what is wrong with a container, if anything.
// serving says that the container is meant to keep running.
func reduceContainer(s *corev1.ContainerStatus, init, serving bool) (trouble, bool) {
	t := trouble{container: intern(s.Name), init: init, serving: serving}
	behind := t.reduceExits(s, serving)
	if w := s.State.Waiting; w != nil && !neutral(w.Reason) {
		t.reduceWaiting(w, behind)
	}
	return t, t.exits > 0 || t.waiting != (word{})
}

// falls tells whether the newest exit is the container's own doing, and no
// gap in what its node knows.
func (t *trouble) falls() bool {
	switch text(t.last.reason) {
	case reasonUnknown, reasonStatusUnknown, reasonRestartingAll:
		return false
	}
	return t.serving
}

// neutral tells the waiting reasons that every container goes through.
func neutral(reason string) bool {
	return reason == "" || reason == "ContainerCreating" || reason == "PodInitializing"
}

// reduceExits counts the exits, and tells whether what the container waits for
// now is to be restarted after the last of them.
func (t *trouble) reduceExits(s *corev1.ContainerStatus, serving bool) (behind bool) {
	now, before := s.State.Terminated, s.LastTerminationState.Terminated
	switch {
	case now != nil && now.ExitCode == 0 && !serving:
		// The init container has done its work. Only the attempts before count.
		if s.RestartCount > 0 && before != nil && before.ExitCode != 0 {
			t.setExits(s.RestartCount, before)
		}
	case now != nil:
		t.setExits(s.RestartCount+madeUp(now), now)
		if before != nil {
			t.prev = kindOf(before)
		}
	case before != nil && (serving || before.ExitCode != 0):
		behind = s.State.Waiting != nil && awaitsRestart(s, before)
		n := s.RestartCount
		if behind {
			n += madeUp(before)
		}
		// A termination is proof of one exit, whatever the counter says.
		t.setExits(max(n, 1), before)
	}
	return behind
}

// madeUp is 1 for a termination that restartCount does not count yet, and 0
// for one that the kubelet made up when it lost sight of a container: it
// raises restartCount in the same stroke.
func madeUp(x *corev1.ContainerStateTerminated) int32 {
	if x.ContainerID == "" && (x.Reason == reasonStatusUnknown || x.Reason == reasonRestartingAll) {
		return 0
	}
	return 1
}

func (t *trouble) setExits(n int32, x *corev1.ContainerStateTerminated) {
	t.exits = max(n, 1)
	t.last = kindOf(x)
	t.exitMessage = internMessage(x.Message)
	t.exitedAt = unixSeconds(x.FinishedAt)
}

// awaitsRestart tells whether a waiting container's last termination is that
// of its newest attempt, so that restartCount does not count it yet. The
// container's id says so exactly. Where it is not given, those reasons that
// need a container to have ended say so.
func awaitsRestart(s *corev1.ContainerStatus, last *corev1.ContainerStateTerminated) bool {
	if s.ContainerID != "" && last.ContainerID != "" {
		return s.ContainerID == last.ContainerID
	}
	switch s.State.Waiting.Reason {
	case reasonCrashLoop, reasonRunError, reasonPostStart:
		return true
	}
	return false
}

// kindOf names a termination. Runtimes leave the reason out at times.
func kindOf(x *corev1.ContainerStateTerminated) kind {
	reason := x.Reason
	if reason == "" {
		reason = "Error"
		if x.ExitCode == 0 {
			reason = "Completed"
		}
	}
	return kind{reason: internReason(reason), exited: true, code: x.ExitCode}
}

// reduceWaiting keeps why a container is held up. behind says that an exit of
// the same attempt has been counted: one failure must not count twice.
func (t *trouble) reduceWaiting(w *corev1.ContainerStateWaiting, behind bool) {
	switch {
	case w.Reason == reasonCrashLoop && t.exits > 0, w.Reason == reasonRunError && behind:
		return
	case w.Reason == reasonPostStart && behind:
		// The hook failed and the container was killed for it: the hook is the
		// cause, the exit only its trace.
		t.last = kind{reason: intern(reasonPostStart)}
		t.exitMessage = internMessage(w.Message)
		return
	case w.Reason == reasonPullBackOff:
		reason, message := behindBackOff(w.Message)
		t.waiting, t.message, t.backoff = internReason(reason), internMessage(message), true
		return
	}
	t.waiting, t.message = internReason(w.Reason), internMessage(w.Message)
}
