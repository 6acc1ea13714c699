package scripted

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/lifecycle"
	"github.com/undog-dev/undog/test/script/serve"
)

const headerTimeout = 10 * time.Second

// quiet drops what servers log about clients: broken handshakes are played.
var quiet = log.New(io.Discard, "", 0)

// server is the HTTP server of one container while it runs.
type server struct {
	http *http.Server
	done chan struct{}
	// silent is the listener of one that never says a word.
	silent net.Listener
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
			started, err := k.listen(s.address, pod, name, part, since)
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

func (k *Kubelet) listen(address string, pod *v1.Pod, container string, part lifecycle.Part, since time.Time) (*server, error) {
	play := part.Play.HTTP
	port := play.Port
	if port == 0 {
		port = firstPort(pod, container)
	}
	handler := k.opts.Handlers[play.Handler]
	if play.Handler == "" {
		handler = serve.New(serve.Options{
			Play: play, Seed: part.Seed, Pod: pod.Name, Key: pod.Name, Since: since, Now: time.Now, Pause: pause,
			Away: func(name string) bool { return k.isAway(pod.Namespace, name) },
		})
	}
	if handler == nil {
		return nil, fmt.Errorf("serve container %s: http.handler: %q is not registered in Options.Handlers", container, play.Handler)
	}
	secure, err := serve.TLS(play.TLS)
	if err != nil {
		return nil, fmt.Errorf("serve container %s: %w", container, err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(int(port))))
	if err != nil {
		return nil, fmt.Errorf("serve container %s: %w", container, err)
	}
	if play.Silent {
		// The system takes connections for a listener that nobody reads.
		return &server{silent: listener}, nil
	}
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	s := &server{http: &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, ErrorLog: quiet}, done: make(chan struct{})}
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
	if s.silent != nil {
		_ = s.silent.Close()
		return
	}
	// Only closing the listener can fail, and Serve reports that.
	_ = s.http.Close()
	<-s.done
}

// firstPort is the container's first port, or the usual one of who names none.
func firstPort(pod *v1.Pod, container string) int32 {
	for _, c := range pod.Spec.Containers {
		if c.Name == container && len(c.Ports) > 0 {
			return c.Ports[0].ContainerPort
		}
	}
	return script.DefaultPort
}

// SetAway says that something that applications of a namespace depend on is
// away, or is back: routes may answer differently without it.
func (k *Kubelet) SetAway(namespace, name string, away bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if away {
		k.away[namespace+"/"+name] = true
	} else {
		delete(k.away, namespace+"/"+name)
	}
}

func (k *Kubelet) isAway(namespace, name string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.away[namespace+"/"+name]
}
