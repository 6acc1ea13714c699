package world

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/serve"
)

// Server is what listens on a pod's port.
type Server struct {
	Play  *script.HTTP
	Seed  uint64
	Since time.Time
	// Memory is what it remembers of earlier requests.
	Memory *serve.Memory
}

// memory is that of a container since its last start.
type memory struct {
	since time.Time
	serve *serve.Memory
}

// Server returns what listens on a port of a pod, nil if nothing does. Silent
// says that nobody would even refuse.
func (w *World) Server(pod string, port int32) (server *Server, silent bool) {
	p, ok := w.Get(Pods, pod).(*corev1.Pod)
	if !ok {
		return nil, true
	}
	l := w.lives[p.UID]
	if k := w.kubelets[p.Spec.NodeName]; l == nil || k == nil || !k.down.IsZero() {
		return nil, true
	}
	for i := range p.Spec.Containers {
		c := &p.Spec.Containers[i]
		part := l.parts[c.Name]
		since, running := l.pod.Running(c.Name)
		if part.Play == nil || part.Play.HTTP == nil || !running || listensOn(c, part.Play.HTTP) != port {
			continue
		}
		m := l.memories[c.Name]
		if m == nil || !m.since.Equal(since) {
			m = &memory{since: since, serve: &serve.Memory{}}
			l.memories[c.Name] = m
		}
		return &Server{Play: part.Play.HTTP, Seed: part.Seed, Since: since, Memory: m.serve}, part.Play.HTTP.Silent
	}
	return nil, false
}

func listensOn(c *corev1.Container, h *script.HTTP) int32 {
	if h.Port != 0 || len(c.Ports) == 0 {
		return h.Port
	}
	return c.Ports[0].ContainerPort
}

// SetAway says that something that applications depend on is away, or is back.
func (w *World) SetAway(name string, away bool) { w.away[name] = away }

// Away tells whether it is.
func (w *World) Away(name string) bool { return w.away[name] }
