package scripted

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/serve"
)

// open begins to answer for the node at its own address, as a kubelet does to
// the API server: a free port, and a certificate that nobody signed.
func (k *Kubelet) open(n *node) error {
	secure, err := serve.TLS(script.TLSGood)
	if err != nil {
		return fmt.Errorf("serve node %s: %w", n.name, err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(n.address, "0"))
	if err != nil {
		return fmt.Errorf("serve node %s: %w", n.name, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", k.containerLog)
	s := &server{http: &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout, ErrorLog: quiet}, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(tls.NewListener(listener, secure)); !errors.Is(err, http.ErrServerClosed) {
			k.opts.Log.Error("serve node", "node", n.name, "reason", err)
		}
	}()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.server, n.port = s, int32(listener.Addr().(*net.TCPAddr).Port) //nolint:gosec // A port has 16 bits.
	return nil
}

// shut ends what open began; connections break.
func (n *node) shut() {
	n.mu.Lock()
	s := n.server
	n.server = nil
	n.mu.Unlock()
	if s != nil {
		s.close()
	}
}

// containerLog answers what the API server asks a kubelet for "kubectl logs".
func (k *Kubelet) containerLog(w http.ResponseWriter, r *http.Request) {
	namespace, name, container := r.PathValue("namespace"), r.PathValue("pod"), r.PathValue("container")
	how, err := parseLogOptions(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	obj, exists, err := k.pods.GetIndexer().GetByKey(namespace + "/" + name)
	if err != nil || !exists {
		http.Error(w, fmt.Sprintf("pod %q does not exist", name), http.StatusNotFound)
		return
	}
	pod := obj.(*v1.Pod)
	play, known := k.played(pod.UID, container)
	if !known {
		http.Error(w, fmt.Sprintf("container %q not found in pod %q", container, name), http.StatusNotFound)
		return
	}
	began, err := startOf(pod, container, how.previous)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write(how.render(play.Log, began))
}

// played is what the container plays. What a pod's parts are does not change
// once the pod is known.
func (k *Kubelet) played(pod types.UID, container string) (*script.Play, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.states[pod]
	if s == nil {
		return nil, false
	}
	part, ok := s.parts[container]
	return part.Play, ok
}

// startOf is when the run began whose log is asked for. Which one that is, and
// the words where there is none, are a kubelet's.
func startOf(pod *v1.Pod, container string, previous bool) (time.Time, error) {
	all := slices.Concat(pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses)
	i := slices.IndexFunc(all, func(s v1.ContainerStatus) bool { return s.Name == container })
	if i < 0 {
		return time.Time{}, fmt.Errorf("container %q in pod %q is not available", container, pod.Name)
	}
	now, before := all[i].State, all[i].LastTerminationState.Terminated
	switch {
	case previous && before == nil:
		return time.Time{}, fmt.Errorf("previous terminated container %q in pod %q not found", container, pod.Name)
	case previous:
		return before.StartedAt.Time, nil
	case now.Running != nil:
		return now.Running.StartedAt.Time, nil
	case now.Terminated != nil:
		return now.Terminated.StartedAt.Time, nil
	case before != nil:
		return before.StartedAt.Time, nil
	case now.Waiting != nil:
		return time.Time{}, fmt.Errorf("container %q in pod %q is waiting to start: %s", container, pod.Name, now.Waiting.Reason)
	}
	return time.Time{}, fmt.Errorf("container %q in pod %q is not available", container, pod.Name)
}

// logOptions is which part of a log is wanted; negative numbers are no limit.
type logOptions struct {
	previous, timestamps bool
	tail, bytes          int64
	since                time.Time
}

func parseLogOptions(query url.Values) (logOptions, error) {
	how := logOptions{tail: -1, bytes: -1}
	follow, age := false, int64(-1)
	var errs []error
	read := func(key string, parse func(text string) error) {
		if text := query.Get(key); text != "" {
			if err := parse(text); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", key, err))
			}
		}
	}
	flag := func(to *bool) func(string) error {
		return func(text string) (err error) { *to, err = strconv.ParseBool(text); return err }
	}
	number := func(to *int64) func(string) error {
		return func(text string) (err error) { *to, err = strconv.ParseInt(text, 10, 64); return err }
	}
	read("previous", flag(&how.previous))
	read("timestamps", flag(&how.timestamps))
	read("follow", flag(&follow))
	read("tailLines", number(&how.tail))
	read("limitBytes", number(&how.bytes))
	read("sinceSeconds", number(&age))
	read("sinceTime", func(text string) (err error) { how.since, err = time.Parse(time.RFC3339, text); return err })
	if age >= 0 {
		how.since = time.Now().Add(-time.Duration(age) * time.Second)
	}
	if follow {
		errs = append(errs, errors.New("follow: a run prints all its lines at its start: ask again without it"))
	}
	return how, errors.Join(errs...)
}

// render is what a run that began then has printed, as far as it is wanted.
func (o logOptions) render(lines []string, began time.Time) []byte {
	// The status knows the second of the start, and no more.
	if began.Before(o.since.Truncate(time.Second)) {
		return nil
	}
	if o.tail >= 0 && o.tail < int64(len(lines)) {
		lines = lines[int64(len(lines))-o.tail:]
	}
	var out bytes.Buffer
	for _, line := range lines {
		if o.timestamps {
			out.WriteString(began.UTC().Format(time.RFC3339Nano) + " ")
		}
		out.WriteString(line + "\n")
	}
	if o.bytes >= 0 && o.bytes < int64(out.Len()) {
		out.Truncate(int(o.bytes))
	}
	return out.Bytes()
}
