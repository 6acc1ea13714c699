package lifecycle

import (
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/script"
)

// Env is what a kubelet looks up to start containers. Each function returns
// the kubelet's message when something is missing, else "".
type Env interface {
	// Volumes looks for the ConfigMaps and Secrets of the pod's volumes.
	Volumes(pod *v1.Pod) string
	// Environment looks for the ConfigMaps and Secrets of the container's variables.
	Environment(pod *v1.Pod, container *v1.Container) string
}

// Event is what the kubelet would record about the pod.
type Event struct {
	Type      string
	Reason    string
	Message   string
	Container string
}

// Part is a container's role: what it plays and with whom it shares the clock.
type Part struct {
	Play *script.Play
	// Seed and Key make the part's jitter.
	Seed uint64
	Key  string
	// BackOff is complete: defaults are filled in.
	BackOff script.BackOff
	// Shared is the state of the revision, or nil when the play is the pod's own.
	Shared *Shared
}

// Pod is the life of one pod on its node. It is not safe for concurrent use.
type Pod struct {
	pod     *v1.Pod
	env     Env
	address string
	node    string
	begun   time.Time
	mounted bool // The volumes and the sandbox are there.
	mount   time.Time
	init    []*container
	main    []*container
	ended   bool // No container will run again.
	// initialized is set when the ordinary containers may start; a sidecar
	// that crashes later does not hold them back again.
	initialized bool
	events      []Event
}

// New begins the life of a pod that has just been assigned to its node. The
// cast returns the part of each container.
func New(pod *v1.Pod, address, nodeAddress string, now time.Time, env Env, cast func(c *v1.Container, init bool) Part) *Pod {
	p := &Pod{pod: pod, env: env, address: address, node: nodeAddress, begun: now, mount: now}
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		p.init = append(p.init, newContainer(p, c, cast(c, true), true, pod.Status.InitContainerStatuses))
	}
	for i := range pod.Spec.Containers {
		c := &pod.Spec.Containers[i]
		p.main = append(p.main, newContainer(p, c, cast(c, false), false, pod.Status.ContainerStatuses))
	}
	return p
}

// Observe takes the newest object; its spec's containers do not change.
func (p *Pod) Observe(pod *v1.Pod) { p.pod = pod }

// Advance does what is due. It returns when to call again; zero means that
// nothing will happen by itself.
func (p *Pod) Advance(now time.Time) time.Time {
	if p.ended {
		return time.Time{}
	}
	if !p.mounted {
		if next := p.tryMount(now); !p.mounted {
			return next
		}
	}
	var wake wake
	for _, c := range p.init {
		c.unblock(now)
		wake.add(c.advance(now))
		if !p.initialized && !c.initialized() {
			return wake.at
		}
	}
	p.initialized = true
	for _, c := range p.main {
		c.unblock(now)
		wake.add(c.advance(now))
	}
	return wake.at
}

// Started is when the container first ran; zero if it has not.
func (p *Pod) Started(name string) time.Time {
	if c := p.find(name); c != nil {
		return c.firstStart
	}
	return time.Time{}
}

// Running reports whether the container runs, and since when.
func (p *Pod) Running(name string) (time.Time, bool) {
	if c := p.find(name); c != nil && c.phase == phaseRunning {
		return c.startedAt, true
	}
	return time.Time{}, false
}

// Ended reports that no container of the pod will run again.
func (p *Pod) Ended() bool { return p.ended }

// End stops what runs: by a deletion gracefully, else with SIGKILL's code.
func (p *Pod) End(now time.Time, gracefully bool) {
	if p.ended {
		return
	}
	p.ended = true
	for _, c := range slices.Concat(p.init, p.main) {
		c.end(now, gracefully)
	}
}

// TakeEvents returns what happened since it was last called.
func (p *Pod) TakeEvents() []Event {
	events := p.events
	p.events = nil
	return events
}

func (p *Pod) record(eventType, reason, message, container string) {
	p.events = append(p.events, Event{Type: eventType, Reason: reason, Message: message, Container: container})
}

// tryMount makes volumes and sandbox. A missing ConfigMap of a volume shows in
// an event only: the containers stay in ContainerCreating.
func (p *Pod) tryMount(now time.Time) time.Time {
	if now.Before(p.mount) {
		return p.mount
	}
	if missing := p.env.Volumes(p.pod); missing != "" {
		p.record(v1.EventTypeWarning, "FailedMount", missing, "")
		p.mount = now.Add(p.main[0].part.BackOff.Retry.Duration)
		return p.mount
	}
	p.mounted = true
	return time.Time{}
}

func (p *Pod) find(name string) *container {
	for _, c := range p.init {
		if c.spec.Name == name {
			return c
		}
	}
	for _, c := range p.main {
		if c.spec.Name == name {
			return c
		}
	}
	return nil
}

func stamp(t time.Time) metav1.Time { return metav1.NewTime(t.Truncate(time.Second)) }

// wake is the earliest of several times, of which zero is none.
type wake struct{ at time.Time }

func (w *wake) add(t time.Time) {
	if !t.IsZero() && (w.at.IsZero() || t.Before(w.at)) {
		w.at = t
	}
}
