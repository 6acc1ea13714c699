package world

import (
	"reflect"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/lifecycle"
	"github.com/undog-dev/undog/test/script/stage"
)

// life is what a kubelet knows of one pod.
type life struct {
	pod     *lifecycle.Pod
	parts   map[string]lifecycle.Part
	stopAt  time.Time
	evicted bool
	// memories are what the servers of containers remember, by its start.
	memories map[string]*memory
	// wake is when the kubelet looks next.
	wake time.Time
}

const (
	// scheduleRetry is how soon a pod that fits nowhere is tried again.
	scheduleRetry = 5 * time.Second
	// defaultGrace is how long a pod may take to end.
	defaultGrace = 30 * time.Second
)

// schedule binds a pending pod, or says why it cannot.
func (w *World) schedule(name string) {
	p, ok := w.Get(Pods, name).(*corev1.Pod)
	if !ok || p.Spec.NodeName != "" || p.DeletionTimestamp != nil {
		return
	}
	node, problem := w.scheduler.Place(p)
	if problem != "" {
		w.unschedulable(p, problem)
		w.Clock.After(scheduleRetry, func() { w.schedule(name) })
		return
	}
	next := *p
	next.Spec.NodeName = node
	next.Status.Conditions = withCondition(p.Status.Conditions, corev1.PodCondition{
		Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: w.now(),
	})
	w.Replace(Pods, &next)
	w.record(p, corev1.EventTypeNormal, "Scheduled", "Successfully assigned "+Namespace+"/"+name+" to "+node, "default-scheduler", "")
	w.Clock.After(w.between(20*time.Millisecond, 500*time.Millisecond), func() { w.sync(name) })
}

func (w *World) unschedulable(p *corev1.Pod, message string) {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Message == message {
			return
		}
	}
	w.updatePod(p, func(s *corev1.PodStatus) {
		s.Conditions = withCondition(s.Conditions, corev1.PodCondition{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
			Message: message, LastTransitionTime: w.now(),
		})
	})
	w.record(p, corev1.EventTypeWarning, "FailedScheduling", message, "default-scheduler", "")
}

// sync brings a pod forward, as its node's kubelet does.
func (w *World) sync(name string) {
	p, ok := w.Get(Pods, name).(*corev1.Pod)
	if !ok || p.Spec.NodeName == "" {
		return
	}
	k := w.kubelets[p.Spec.NodeName]
	if !k.down.IsZero() {
		w.lose(p, k)
		return
	}
	if finished(p) {
		if p.DeletionTimestamp != nil {
			w.forget(p)
		}
		return
	}
	l := w.life(p, k)
	l.pod.Observe(p)
	now := w.Clock.Now()
	if p.DeletionTimestamp != nil {
		w.terminate(p, l, now)
		return
	}
	if evict, due := l.eviction(); evict != nil && !l.evicted && !now.Before(due) {
		l.evicted = true
		w.evict(p, l, evict)
		return
	}
	next := l.pod.Advance(now)
	w.writeStatus(p, l, now)
	if _, due := l.eviction(); !l.evicted && !due.IsZero() && (next.IsZero() || due.Before(next)) {
		next = due
	}
	w.wakeAt(name, l, next)
}

// wakeAt has the kubelet look at a pod again.
func (w *World) wakeAt(name string, l *life, at time.Time) {
	if at.IsZero() || at.Equal(l.wake) {
		return
	}
	l.wake = at
	w.Clock.After(max(at.Sub(w.Clock.Now()), time.Millisecond), func() {
		if l.wake.Equal(at) {
			l.wake = time.Time{}
			w.sync(name)
		}
	})
}

func (w *World) life(p *corev1.Pod, k *kubelet) *life {
	if l := w.lives[p.UID]; l != nil {
		return l
	}
	l := &life{parts: map[string]lifecycle.Part{}, memories: map[string]*memory{}}
	l.pod = lifecycle.New(p, "10.1.0.1", k.address, w.Clock.Now(), stage.Props(w.prop), func(c *corev1.Container, init bool) lifecycle.Part {
		part := w.cast.Part(p, c, nil, !init && c == &p.Spec.Containers[0])
		l.parts[c.Name] = part
		return part
	})
	w.lives[p.UID] = l
	return l
}

// prop is what there is of a ConfigMap or Secret.
func (w *World) prop(o stage.Prop) stage.Found {
	found := stage.Found{Keys: map[string]bool{}}
	switch o := w.Get(o.Kind+"s", o.Name).(type) {
	case *corev1.ConfigMap:
		for key := range o.Data {
			found.Keys[key] = true
		}
		return found
	case *corev1.Secret:
		for key := range o.Data {
			found.Keys[key] = true
		}
		return found
	}
	found.Missing, found.Message = true, o.Kind+` "`+o.Name+`" not found`
	return found
}

// writeStatus writes what changed, and what the kubelet has to say.
func (w *World) writeStatus(p *corev1.Pod, l *life, now time.Time) {
	s := l.pod.Status(now, p.Status)
	if !reflect.DeepEqual(s, p.Status) {
		next := *p
		next.Status = s
		w.Replace(Pods, &next)
	}
	for _, e := range l.pod.TakeEvents() {
		path := ""
		if e.Container != "" {
			path = "spec.containers{" + e.Container + "}"
		}
		w.record(p, e.Type, e.Reason, e.Message, "kubelet", path)
	}
}

// terminate ends a deleted pod: its containers stop, the status says so, and
// then the object goes.
func (w *World) terminate(p *corev1.Pod, l *life, now time.Time) {
	if l.stopAt.IsZero() {
		var longest time.Duration
		for _, part := range l.parts {
			longest = max(longest, part.Play.StopAfter())
		}
		l.stopAt = now.Add(min(longest, graceOf(p)))
	}
	if now.Before(l.stopAt) {
		w.wakeAt(p.Name, l, l.stopAt)
		return
	}
	l.pod.End(now, true)
	w.writeStatus(p, l, now)
	if last, ok := w.Get(Pods, p.Name).(*corev1.Pod); ok {
		w.forget(last)
	}
}

// forget removes a pod that has ended.
func (w *World) forget(p *corev1.Pod) {
	delete(w.lives, p.UID)
	w.scheduler.Release(p.Namespace + "/" + p.Name)
	w.cast.Dismiss(p.Namespace+"/"+p.Name, string(p.UID))
	w.Remove(Pods, p)
}

// graceOf is how long a pod may take to end.
func graceOf(p *corev1.Pod) time.Duration {
	if s := p.Spec.TerminationGracePeriodSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	return defaultGrace
}

// deletePod asks a pod to go.
func (w *World) deletePod(p *corev1.Pod) {
	if p.DeletionTimestamp != nil {
		return
	}
	if p.Spec.NodeName == "" || finished(p) {
		w.forget(p)
		return
	}
	next := *p
	at := metav1.NewTime(w.now().Add(graceOf(p)))
	next.DeletionTimestamp, next.DeletionGracePeriodSeconds = &at, new(int64(graceOf(p)/time.Second))
	w.Replace(Pods, &next)
	w.Clock.After(w.between(20*time.Millisecond, 300*time.Millisecond), func() { w.sync(p.Name) })
}

// Disrupt marks a pod as disrupted and deletes it, as the API server, the
// scheduler or the taint manager does.
func (w *World) Disrupt(p *corev1.Pod, reason string) {
	w.disrupted(p, (&script.Evict{Reason: reason}))
	if p, ok := w.Get(Pods, p.Name).(*corev1.Pod); ok {
		w.deletePod(p)
	}
}

func (w *World) disrupted(p *corev1.Pod, evict *script.Evict) {
	w.updatePod(p, func(s *corev1.PodStatus) {
		s.Conditions = withCondition(s.Conditions, corev1.PodCondition{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: evict.Why(), Message: evict.Text(),
			LastTransitionTime: w.now(),
		})
	})
}

// evict ends a pod as its play says. The kubelet's own eviction leaves the
// object behind.
func (w *World) evict(p *corev1.Pod, l *life, evict *script.Evict) {
	w.disrupted(p, evict)
	p, _ = w.Get(Pods, p.Name).(*corev1.Pod)
	if evict.Why() != script.EvictByKubelet {
		w.deletePod(p)
		return
	}
	now := w.Clock.Now()
	l.pod.End(now, false)
	next := *p
	next.Status.Phase, next.Status.Reason, next.Status.Message = corev1.PodFailed, "Evicted", evict.Text()
	next.Status = l.pod.Status(now, next.Status)
	w.Replace(Pods, &next)
	w.scheduler.Release(p.Namespace + "/" + p.Name)
	w.record(p, corev1.EventTypeWarning, "Evicted", evict.Text(), "kubelet", "")
}

// eviction is the pod's scripted eviction and when it is due; nil if it has none.
func (l *life) eviction() (*script.Evict, time.Time) {
	for name, part := range l.parts {
		if part.Play.Evict == nil {
			continue
		}
		if started := l.pod.Started(name); !started.IsZero() {
			return part.Play.Evict, started.Add(part.Play.Evict.After.Duration)
		}
	}
	return nil, time.Time{}
}

// updatePod replaces a pod by a copy with another status.
func (w *World) updatePod(p *corev1.Pod, change func(s *corev1.PodStatus)) {
	next := *p
	next.Status.Conditions = slices.Clone(p.Status.Conditions)
	change(&next.Status)
	w.Replace(Pods, &next)
}

// withCondition returns the conditions with one set.
func withCondition(conditions []corev1.PodCondition, c corev1.PodCondition) []corev1.PodCondition {
	out := slices.Clone(conditions)
	for i := range out {
		if out[i].Type == c.Type {
			out[i] = c
			return out
		}
	}
	return append(out, c)
}

// RevisionOf is the label that names a pod's revision.
func RevisionOf(o metav1.Object) string {
	return strings.TrimSpace(o.GetLabels()["app.kubernetes.io/version"])
}
