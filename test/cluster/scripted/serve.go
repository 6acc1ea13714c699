package scripted

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/test/script"
)

const headerTimeout = 10 * time.Second

// server is the HTTP server of one container while it runs.
type server struct {
	http *http.Server
	done chan struct{}
}

// serve makes the pod's servers follow its containers.
func (k *Kubelet) serve(s *state, pod *v1.Pod) error {
	var errs []error
	for name, part := range s.parts {
		since, running := s.life.Running(name)
		current := s.servers[name]
		switch {
		case part.Play.HTTP == nil:
		case running && current == nil:
			started, err := k.listen(s.address, pod, name, part.Play.HTTP, part.Seed, since)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			s.servers[name] = started
		case !running && current != nil:
			current.close()
			delete(s.servers, name)
		}
	}
	return errors.Join(errs...)
}

func (s *state) closeServers() {
	for name, current := range s.servers {
		current.close()
		delete(s.servers, name)
	}
}

func (k *Kubelet) listen(address string, pod *v1.Pod, container string, play *script.HTTP, seed uint64, since time.Time) (*server, error) {
	port := play.Port
	if port == 0 {
		port = firstPort(pod, container)
	}
	if port == 0 {
		return nil, fmt.Errorf("serve container %s: http.port: is 0 and the container has no port: give one", container)
	}
	handler := k.opts.Handlers[play.Handler]
	if play.Handler == "" {
		handler = &routes{play: play, seed: seed, key: pod.Name, since: since}
	}
	if handler == nil {
		return nil, fmt.Errorf("serve container %s: http.handler: %q is not registered in Options.Handlers", container, play.Handler)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(int(port))))
	if err != nil {
		return nil, fmt.Errorf("serve container %s: %w", container, err)
	}
	s := &server{http: &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout}, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			k.opts.Log.Error("serve container", "namespace", pod.Namespace, "pod", pod.Name, "reason", err)
		}
	}()
	return s, nil
}

// close ends the server as a crash would: open connections break.
func (s *server) close() {
	// Only closing the listener can fail, and Serve reports that.
	_ = s.http.Close()
	<-s.done
}

func firstPort(pod *v1.Pod, container string) int32 {
	for _, c := range pod.Spec.Containers {
		if c.Name == container && len(c.Ports) > 0 {
			return c.Ports[0].ContainerPort
		}
	}
	return 0
}

// routes answers as the script says.
type routes struct {
	play  *script.HTTP
	seed  uint64
	key   string
	since time.Time
	count atomic.Int64
}

// ServeHTTP implements http.Handler.
func (h *routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number := strconv.FormatInt(h.count.Add(1), 10)
	for i := range h.play.Routes {
		route := &h.play.Routes[i]
		if route.Path != "" && !script.Glob(route.Path, r.URL.Path) || time.Since(h.since) < route.From.Duration {
			continue
		}
		if route.Chance > 0 && script.Fraction(h.seed, "route", h.key, strconv.Itoa(i), number) >= route.Chance {
			continue
		}
		if route.Delay.Duration > 0 && !pause(r.Context(), route.Delay.Duration) {
			return
		}
		for name, value := range route.Headers {
			w.Header().Set(name, value)
		}
		status := route.Status
		if status == 0 {
			status = http.StatusOK
		}
		w.WriteHeader(status)
		// A client that left does not read the rest.
		_, _ = w.Write([]byte(route.Body))
		return
	}
	http.NotFound(w, r)
}
