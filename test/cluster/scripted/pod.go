package scripted

import (
	"context"
	"fmt"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/lifecycle"
	"github.com/undog-dev/undog/test/script/stage"
)

// scheduleRetry is how soon a pod that fits nowhere is tried again.
const scheduleRetry = time.Second

// state is what the kubelet knows about one pod on one of its nodes. The queue
// gives a pod to one worker at a time, so it needs no lock.
type state struct {
	life     *lifecycle.Pod
	parts    map[string]lifecycle.Part
	address  string
	written  *v1.Pod // The reply to the last write.
	stopAt   time.Time
	evicted  bool
	servers  map[string]*server
	problem  string // Of the pod's annotation; it is not played.
	reported bool
}

// sync brings one pod forward and returns when to come back.
func (k *Kubelet) sync(ctx context.Context, key string) (time.Time, error) {
	obj, exists, err := k.pods.GetIndexer().GetByKey(key)
	if err != nil {
		return time.Time{}, fmt.Errorf("read pod from cache: %w", err)
	}
	if !exists {
		k.forget(key, nil)
		return time.Time{}, nil
	}
	pod := obj.(*v1.Pod)
	// A pod of the same name may have followed the one that is known.
	k.forget(key, pod)
	if pod.Spec.NodeName == "" {
		return k.schedule(ctx, pod)
	}
	n := k.node(pod.Spec.NodeName)
	if n == nil {
		return time.Time{}, nil
	}
	k.scheduler.Assign(pod, n.name)
	if outage := n.outage(); outage != nil {
		return k.lose(ctx, pod, outage)
	}
	return k.play(ctx, pod, n)
}

// play does what the pod's kubelet does now.
func (k *Kubelet) play(ctx context.Context, pod *v1.Pod, n *node) (time.Time, error) {
	now := time.Now()
	s := k.state(pod, n, now)
	if terminal(pod) && s == nil {
		return time.Time{}, k.finish(ctx, pod)
	}
	pod = newer(pod, s.written)
	s.life.Observe(pod)
	if pod.DeletionTimestamp != nil {
		return k.terminate(ctx, s, pod, now)
	}
	if s.problem != "" {
		return time.Time{}, k.hold(ctx, s, pod)
	}
	if terminal(pod) {
		s.closeServers()
		return time.Time{}, nil
	}
	if done, wake, err := k.maybeEvict(ctx, s, pod, now); done || err != nil {
		return wake, err
	}
	wake := s.life.Advance(now)
	if err := k.serve(s, pod); err != nil {
		// The pod stays as it is: who looks at it must be able to see why.
		k.recorder.Event(reference(pod), v1.EventTypeWarning, "InvalidScript", err.Error())
		return time.Time{}, err
	}
	err := k.write(ctx, s, pod, s.life.Status(now, pod.Status))
	k.recordEvents(s, pod)
	if due := s.evictionDue(); !due.IsZero() && (wake.IsZero() || due.Before(wake)) {
		wake = due
	}
	return wake, err
}

// terminate ends a deleted pod: its containers stop, the status says so, and
// then the object goes.
func (k *Kubelet) terminate(ctx context.Context, s *state, pod *v1.Pod, now time.Time) (time.Time, error) {
	if s.stopAt.IsZero() {
		s.stopAt = now.Add(s.stopAfter(pod))
	}
	if now.Before(s.stopAt) {
		// Until then containers go on as they do.
		if !terminal(pod) && s.problem == "" {
			s.life.Advance(now)
			if err := k.write(ctx, s, pod, s.life.Status(now, pod.Status)); err != nil {
				return time.Time{}, err
			}
		}
		return s.stopAt, nil
	}
	s.life.End(now, true)
	s.closeServers()
	if s.problem == "" {
		if err := k.write(ctx, s, pod, s.life.Status(now, pod.Status)); err != nil {
			return time.Time{}, err
		}
	}
	k.recordEvents(s, pod)
	return time.Time{}, k.finish(ctx, pod)
}

// finish removes the object of a pod that has ended and is to be deleted.
func (k *Kubelet) finish(ctx context.Context, pod *v1.Pod) error {
	if pod.DeletionTimestamp == nil {
		return nil
	}
	err := k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: new(int64),
		Preconditions:      metav1.NewUIDPreconditions(string(pod.UID)),
	})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return fmt.Errorf("delete pod: %w", err)
	}
	return nil
}

// hold keeps a pod whose annotation cannot be read from looking healthy.
func (k *Kubelet) hold(ctx context.Context, s *state, pod *v1.Pod) error {
	status := s.life.Status(time.Now(), pod.Status)
	for i := range status.ContainerStatuses {
		status.ContainerStatuses[i].State = v1.ContainerState{
			Waiting: &v1.ContainerStateWaiting{Reason: "InvalidScript", Message: s.problem},
		}
	}
	if !s.reported {
		s.reported = true
		k.recorder.Event(pod, v1.EventTypeWarning, "InvalidScript", s.problem)
		k.opts.Log.Error("read play of pod", "namespace", pod.Namespace, "pod", pod.Name, "reason", s.problem)
	}
	return k.write(ctx, s, pod, status)
}

// stopAfter is how long the slowest container takes to stop.
func (s *state) stopAfter(pod *v1.Pod) time.Duration {
	var longest time.Duration
	for _, part := range s.parts {
		longest = max(longest, part.Play.StopAfter())
	}
	if grace := pod.DeletionGracePeriodSeconds; grace != nil {
		longest = min(longest, time.Duration(*grace)*time.Second)
	}
	return longest
}

// state returns the pod's state, which begins now if there is none. A pod that
// ended before it was known has none.
func (k *Kubelet) state(pod *v1.Pod, n *node, now time.Time) *state {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s := k.states[pod.UID]; s != nil {
		return s
	}
	if terminal(pod) {
		return nil
	}
	s := &state{parts: map[string]lifecycle.Part{}, servers: map[string]*server{}, address: k.addresses.take()}
	own, err := annotated(pod)
	if err != nil {
		s.problem = err.Error()
	}
	s.life = lifecycle.New(pod, s.address, n.address, now, stage.Props(k.lookup.read), func(c *v1.Container, init bool) lifecycle.Part {
		part := k.cast.Part(pod, c, own, !init && c == &pod.Spec.Containers[0])
		s.parts[c.Name] = part
		return part
	})
	k.states[pod.UID] = s
	k.names[pod.Namespace+"/"+pod.Name] = pod.UID
	return s
}

// forget drops the state of the pod that had the name, unless it is this one.
func (k *Kubelet) forget(key string, pod *v1.Pod) {
	k.mu.Lock()
	defer k.mu.Unlock()
	uid, known := k.names[key]
	if !known || pod != nil && pod.UID == uid {
		if pod == nil {
			k.cast.Dismiss(key, "")
			k.scheduler.Release(key)
		}
		return
	}
	s := k.states[uid]
	s.closeServers()
	k.addresses.give(s.address)
	delete(k.states, uid)
	delete(k.names, key)
	k.cast.Dismiss(key, string(uid))
	k.scheduler.Release(key)
}

func (k *Kubelet) recordEvents(s *state, pod *v1.Pod) {
	for _, e := range s.life.TakeEvents() {
		about := reference(pod)
		if e.Container != "" {
			about.FieldPath = "spec.containers{" + e.Container + "}"
		}
		k.recorder.Event(about, e.Type, e.Reason, e.Message)
	}
}

func reference(pod *v1.Pod) *v1.ObjectReference {
	return &v1.ObjectReference{
		Kind: "Pod", APIVersion: "v1", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID,
		ResourceVersion: pod.ResourceVersion,
	}
}

func terminal(pod *v1.Pod) bool {
	return pod.Status.Phase == v1.PodFailed || pod.Status.Phase == v1.PodSucceeded
}

// newer is the later of the watched and the written object: a watch may be
// behind what this process wrote.
func newer(watched, written *v1.Pod) *v1.Pod {
	if written == nil {
		return watched
	}
	a, errA := strconv.ParseUint(watched.ResourceVersion, 10, 64)
	b, errB := strconv.ParseUint(written.ResourceVersion, 10, 64)
	if errA == nil && errB == nil && b > a {
		return written
	}
	return watched
}

// annotated reads the pod's own play, if it has one.
func annotated(pod *v1.Pod) (*script.Play, error) {
	text, ok := pod.Annotations[script.Annotation]
	if !ok {
		return nil, nil
	}
	play, err := script.ParsePlay([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("annotation %s: %w", script.Annotation, err)
	}
	if play.Container != "" && !hasContainer(pod, play.Container) {
		return nil, fmt.Errorf("annotation %s: container: the pod has none named %q", script.Annotation, play.Container)
	}
	return play, nil
}

func hasContainer(pod *v1.Pod, name string) bool {
	for _, list := range [][]v1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range list {
			if list[i].Name == name {
				return true
			}
		}
	}
	return false
}
