package watcher

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// event is one status of one object at its time: of a pod, of a node, or an
// Event about a pod. Without any, the pod or the node that it names is deleted.
type event struct {
	at   time.Time
	uid  string
	pod  *corev1.Pod
	node *corev1.Node
	said *corev1.Event
	gone string
}

// history is what happens to one pod, in order.
type history []event

// randomHistory makes up the life of a pod. The pods of one ReplicaSet fail in
// few ways, so that failures meet in groups.
func randomHistory(r *rand.Rand, rs string, number int, mayEnd bool) history {
	name := fmt.Sprintf("%s-%d", rs, number)
	p := podOf(rs, name)
	p.Spec.NodeName = fmt.Sprintf("node-%d", r.IntN(3))
	p.ResourceVersion = strconv.Itoa(1 + r.IntN(1000))
	now := r.IntN(300)
	h := history{{at: second(now), uid: string(p.UID), pod: p}}
	for range r.IntN(14) {
		now += 1 + r.IntN(200)
		if r.IntN(5) == 0 {
			h = append(h, event{at: second(now), uid: string(p.UID), said: randomSaying(r, p, now)})
		}
		change := randomChange(r, p, now)
		p = with(p, change)
		h = append(h, event{at: second(now), uid: string(p.UID), pod: p})
	}
	if mayEnd && r.IntN(3) == 0 {
		h = append(h, event{at: second(now + 1), uid: string(p.UID)})
	}
	return h
}

func randomChange(r *rand.Rand, p *corev1.Pod, now int) func(*corev1.Pod) {
	c := &p.Status.ContainerStatuses[0]
	switch r.IntN(16) {
	case 0, 1, 2:
		if c.State.Running == nil {
			return running(second(now - 1))
		}
		return ready(true, second(now-r.IntN(2)))
	case 3, 4:
		if c.State.Running != nil {
			return exited(second(now), int32(r.IntN(3)))
		}
		return running(second(now))
	case 5:
		return waitingFor("ErrImagePull", fmt.Sprintf("attempt %d", r.IntN(3)))
	case 6:
		return waitingFor("ImagePullBackOff", `Back-off pulling image "x": ErrImagePull: attempt 9`)
	case 7:
		return waitingFor("CrashLoopBackOff", "back-off")
	case 8:
		return ready(false, second(now))
	case 9:
		if r.IntN(4) == 0 {
			return func(p *corev1.Pod) { setCondition(p, corev1.DisruptionTarget, r.IntN(2) == 0, second(now)) }
		}
		return ready(true, second(now))
	case 10:
		if r.IntN(4) == 0 {
			return failed("Evicted", []string{"Usage of EmptyDir volume \"x\" exceeds the limit \"1Mi\". ", "low on memory"}[r.IntN(2)])
		}
		return func(p *corev1.Pod) { p.Spec.NodeName = fmt.Sprintf("node-%d", r.IntN(4)) }
	case 11, 12:
		return initializing(second(now-r.IntN(3)), r.IntN(3))
	case 13:
		return func(p *corev1.Pod) {
			p.Status.ContainerStatuses[0].ImageID = fmt.Sprintf("registry.example/web@sha256:%02x", r.IntN(3))
		}
	default:
		return func(p *corev1.Pod) { p.Status.PodIP = fmt.Sprintf("10.0.0.%d", r.IntN(200)) }
	}
}

// randomSaying is an Event about a pod.
func randomSaying(r *rand.Rand, p *corev1.Pod, now int) *corev1.Event {
	reasons := []string{"FailedMount", "FailedCreatePodSandBox", "Unhealthy", "Killing", "Pulled"}
	reason := reasons[r.IntN(len(reasons))]
	message := fmt.Sprintf("MountVolume.SetUp failed, attempt %d", r.IntN(3))
	switch reason {
	case "Unhealthy":
		message = []string{"Liveness probe failed: status 500", "Readiness probe failed: status 503"}[r.IntN(2)]
	case "Killing":
		message = "Container app failed liveness probe, will be restarted"
	}
	return eventOf(p, reason, message, second(now-r.IntN(200)), 1+r.IntN(3))
}

// randomNode makes up the life of a node.
func randomNode(r *rand.Rand, number int) history {
	name := fmt.Sprintf("node-%d", number)
	var h history
	now := r.IntN(300)
	for range r.IntN(6) {
		now += 1 + r.IntN(400)
		if r.IntN(5) == 0 {
			h = append(h, event{at: second(now), gone: name})
			continue
		}
		h = append(h, event{at: second(now), node: nodeOf(name, r.IntN(3) > 0, second(now-r.IntN(50)))})
	}
	return h
}

func (e event) apply(s *State) {
	switch {
	case e.pod != nil:
		s.ApplyPod(e.at, e.pod)
	case e.node != nil:
		s.ApplyNode(e.at, e.node)
	case e.said != nil:
		s.ApplyEvent(e.at, e.said)
	case e.gone != "":
		s.DeleteNode(e.at, e.gone, "")
	default:
		s.DeletePod(e.at, "", "", e.uid)
	}
}

// interleave draws from the histories at random and keeps the order in each.
func interleave[T any](r *rand.Rand, histories [][]T) []T {
	var out []T
	left := make([][]T, 0, len(histories))
	for _, h := range histories {
		if len(h) > 0 {
			left = append(left, h)
		}
	}
	for len(left) > 0 {
		i := r.IntN(len(left))
		out = append(out, left[i][0])
		if left[i] = left[i][1:]; len(left[i]) == 0 {
			left[i] = left[len(left)-1]
			left = left[:len(left)-1]
		}
	}
	return out
}
