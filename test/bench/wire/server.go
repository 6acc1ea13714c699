package wire

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
)

const (
	protobuf       = "application/vnd.kubernetes.protobuf"
	protobufStream = protobuf + ";stream=watch"
	jsonType       = "application/json"
)

// Server answers what undog asks.
type Server struct {
	Deployments, ReplicaSets, Pods, Records, Nodes, ConfigMaps, Events *Resource
	// Asked, which may be nil, is called with every request for one object and
	// every write before it is served.
	Asked func(Request)
	// Patched, which may be nil, is called after a Deployment was patched and
	// before the client is told.
	Patched func(d *appsv1.Deployment)

	all     []*Resource
	version atomic.Uint64
	closing chan struct{}
	once    sync.Once

	mu     sync.Mutex
	asked  map[string]uint64
	frames map[string]uint64
}

// Request is one that a client made.
type Request struct {
	// Verb is Kubernetes' word for it: get, list, watch, create, patch, delete.
	Verb, Resource, Namespace, Name string
}

// New makes a server without objects.
func New() *Server {
	s := &Server{closing: make(chan struct{}), asked: map[string]uint64{}, frames: map[string]uint64{}}
	add := func(group, version, name, kind string, empty func() Object) *Resource {
		r := &Resource{
			Group: group, Name: name, kind: metav1.TypeMeta{Kind: kind, APIVersion: strings.TrimPrefix(group+"/"+version, "/")},
			empty: empty, version: &s.version, objects: map[key]*stored{}, changed: make(chan struct{}),
		}
		s.all = append(s.all, r)
		return r
	}
	s.Deployments = add("apps", "v1", "deployments", "Deployment", func() Object { return &appsv1.Deployment{} })
	s.ReplicaSets = add("apps", "v1", "replicasets", "ReplicaSet", func() Object { return &appsv1.ReplicaSet{} })
	s.Records = add("apps", "v1", "controllerrevisions", "ControllerRevision", func() Object { return &appsv1.ControllerRevision{} })
	s.Records.selected = true
	s.Pods = add("", "v1", "pods", "Pod", func() Object { return &corev1.Pod{} })
	s.Nodes = add("", "v1", "nodes", "Node", func() Object { return &corev1.Node{} })
	s.Events = add("", "v1", "events", "Event", func() Object { return &corev1.Event{} })
	// Clients ask for nothing but the metadata of ConfigMaps.
	s.ConfigMaps = add("", "v1", "configmaps", "PartialObjectMetadata", func() Object { return &metav1.PartialObjectMetadata{} })
	s.ConfigMaps.kind.APIVersion = "meta.k8s.io/v1"
	return s
}

// Close ends the watches.
func (s *Server) Close() { s.once.Do(func() { close(s.closing) }) }

func (s *Server) count(r Request) {
	s.mu.Lock()
	s.asked[strings.TrimSpace(r.Verb+" "+r.Resource)]++
	s.mu.Unlock()
	if s.Asked != nil {
		s.Asked(r)
	}
}

func (s *Server) frame(of *Resource, n uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frames[of.Name] += n
}

// Counts says how often what was asked, and how many frames of watches were
// written by resource.
func (s *Server) Counts() (asked, frames map[string]uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.asked), maps.Clone(s.frames)
}

// target is what a path names.
type target struct {
	resource, namespace, name, sub string
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/version":
		reply(w, http.StatusOK, version.Info{Major: "1", Minor: "37", GitVersion: "v1.37.2"})
		return
	case "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
		s.count(Request{Verb: "create", Resource: "selfsubjectaccessreviews"})
		reply(w, http.StatusCreated, json.RawMessage(`{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{},"status":{"allowed":true}}`))
		return
	}
	group, t, ok := parse(r.URL.Path)
	for _, of := range s.all {
		if ok && of.Name == t.resource && of.Group == group {
			s.serve(w, r, of, t)
			return
		}
	}
	s.count(Request{Verb: r.Method, Resource: t.resource})
	fail(w, http.StatusNotFound, metav1.StatusReasonNotFound, "the server could not find the requested resource")
}

// parse takes apis/apps/v1/namespaces/shop/deployments/web/status apart.
func parse(path string) (group string, t target, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) > 3 && parts[0] == "apis":
		group, parts = parts[1], parts[3:]
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	default:
		return "", target{}, false
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		t.namespace, parts = parts[1], parts[2:]
	}
	for i, into := range []*string{&t.resource, &t.name, &t.sub} {
		if i < len(parts) {
			*into = parts[i]
		}
	}
	return group, t, true
}

// handler answers a request for an object, or for many.
type handler func(http.ResponseWriter, *http.Request, *Resource, target)

// serve answers a request for a resource that there is.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, of *Resource, t target) {
	asked := Request{Resource: t.resource, Namespace: t.namespace, Name: t.name}
	var answer handler
	switch get := r.Method == http.MethodGet; {
	case get && t.name == "" && r.URL.Query().Get("watch") == "true":
		asked.Verb, answer = "watch", s.watch
	case get && t.name == "":
		asked.Verb, answer = "list", s.list
	case get && t.sub == "log":
		asked.Verb, asked.Resource, answer = "get", "pods/log", s.logs
	case get:
		asked.Verb, answer = "get", s.get
	case r.Method == http.MethodPost:
		asked.Verb, answer = "create", s.create
	case r.Method == http.MethodPatch:
		asked.Verb, answer = "patch", s.patch
	case r.Method == http.MethodDelete:
		asked.Verb, answer = "delete", s.remove
	default:
		fail(w, http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed, r.Method)
		return
	}
	s.count(asked)
	answer(w, r, of, t)
}
