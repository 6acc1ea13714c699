package apiserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Objects is the model behind the server. Objects in it are never changed,
// only replaced.
type Objects interface {
	// Get is nil if there is no such object.
	Get(resource, name string) metav1.Object
	// List is false if there is no such resource.
	List(resource string) ([]metav1.Object, bool)
	Create(resource string, o metav1.Object)
	Replace(resource string, o metav1.Object)
	Remove(resource string, o metav1.Object)
	// Edit changes a Deployment as anybody but its controller does.
	Edit(name, by string, change func(d *appsv1.Deployment)) *appsv1.Deployment
}

// Server is the API server.
type Server struct {
	objects Objects
	// encoded holds objects as they are on the wire.
	encoded map[metav1.Object][]byte
}

// New returns a server of the objects.
func New(objects Objects) *Server {
	return &Server{objects: objects, encoded: map[metav1.Object][]byte{}}
}

// Reply is an answer.
type Reply struct {
	Code int
	body any
}

// Object is the object that was read, nil if none was.
func (r Reply) Object() metav1.Object {
	if w, ok := r.body.(wire); ok {
		return w.Object
	}
	return nil
}

const (
	deployments         = "deployments"
	controllerRevisions = "controllerrevisions"
)

// Answer serves one request.
func (a *Server) Answer(method, path string, query url.Values, body []byte) Reply {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	// apis/apps/v1/namespaces/shop/deployments/web and api/v1/namespaces/shop/pods/p.
	if parts[0] == "apis" {
		parts = parts[1:]
	}
	if len(parts) < 5 {
		return Failure(http.StatusNotFound, metav1.StatusReasonNotFound, "no such resource")
	}
	resource, name := parts[4], ""
	if len(parts) > 5 {
		name = parts[5]
	}
	all, known := a.objects.List(resource)
	switch {
	case !known:
		return Failure(http.StatusNotFound, metav1.StatusReasonNotFound, "no such resource")
	case method == http.MethodGet && name == "":
		return list(all, query.Get("labelSelector"))
	case method == http.MethodPost:
		return a.create(resource, body)
	}
	o := a.objects.Get(resource, name)
	switch {
	case o == nil:
		return Failure(http.StatusNotFound, metav1.StatusReasonNotFound, fmt.Sprintf("%s %q not found", resource, name))
	case method == http.MethodGet:
		return Reply{http.StatusOK, a.encode(o)}
	case method == http.MethodDelete:
		return a.remove(resource, o, body)
	case method == http.MethodPatch && resource == deployments:
		return a.patchDeployment(name, query, body)
	case method == http.MethodPatch && resource == controllerRevisions:
		return a.patchRecord(o.(*appsv1.ControllerRevision), body)
	}
	return Failure(http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed, method)
}

// wire is an object that was encoded before.
type wire struct {
	metav1.Object
	raw []byte
}

func (a *Server) encode(o metav1.Object) any {
	raw, known := a.encoded[o]
	if !known {
		var err error
		if raw, err = json.Marshal(o); err != nil {
			return o
		}
		a.encoded[o] = raw
	}
	return wire{o, raw}
}

func list(all []metav1.Object, selector string) Reply {
	want, err := labels.Parse(selector)
	if err != nil {
		return Failure(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	var out metav1.PartialObjectMetadataList
	for _, o := range all {
		if cr, ok := o.(*appsv1.ControllerRevision); ok && want.Matches(labels.Set(cr.Labels)) {
			out.Items = append(out.Items, metav1.PartialObjectMetadata{ObjectMeta: cr.ObjectMeta})
		}
	}
	return Reply{http.StatusOK, out}
}

func (a *Server) create(resource string, body []byte) Reply {
	cr := &appsv1.ControllerRevision{}
	if err := json.Unmarshal(body, cr); err != nil || resource != controllerRevisions {
		return Failure(http.StatusBadRequest, metav1.StatusReasonBadRequest, "not a controller revision")
	}
	if a.objects.Get(resource, cr.Name) != nil {
		return Failure(http.StatusConflict, metav1.StatusReasonAlreadyExists, cr.Name)
	}
	a.objects.Create(resource, cr)
	return Reply{http.StatusCreated, cr}
}

func (a *Server) remove(resource string, o metav1.Object, body []byte) Reply {
	var opts metav1.DeleteOptions
	if err := json.Unmarshal(body, &opts); err != nil {
		return Failure(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	if p := opts.Preconditions; p != nil && (p.UID != nil && *p.UID != o.GetUID() ||
		p.ResourceVersion != nil && *p.ResourceVersion != o.GetResourceVersion()) {
		return Failure(http.StatusConflict, metav1.StatusReasonConflict, "precondition failed")
	}
	a.objects.Remove(resource, o)
	return Reply{http.StatusOK, metav1.Status{Status: metav1.StatusSuccess}}
}

// patchRecord is a merge patch of labels and annotations.
func (a *Server) patchRecord(old *appsv1.ControllerRevision, body []byte) Reply {
	var patch struct{ Metadata metav1.ObjectMeta }
	if err := json.Unmarshal(body, &patch); err != nil {
		return Failure(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	m := patch.Metadata
	if m.UID != "" && m.UID != old.UID || m.ResourceVersion != "" && m.ResourceVersion != old.ResourceVersion {
		return Failure(http.StatusConflict, metav1.StatusReasonConflict, "the object has been modified")
	}
	next := *old
	next.Labels, next.Annotations = maps.Clone(old.Labels), maps.Clone(old.Annotations)
	maps.Copy(next.Labels, m.Labels)
	maps.Copy(next.Annotations, m.Annotations)
	a.objects.Replace(controllerRevisions, &next)
	return Reply{http.StatusOK, &next}
}

// OK is an answer with an object.
func OK(body any) Reply { return Reply{http.StatusOK, body} }

// Failure is an answer that says no.
func Failure(code int32, reason metav1.StatusReason, message string) Reply {
	return Reply{int(code), metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure, Code: code, Reason: reason, Message: message,
	}}
}

// Response is the reply as it comes out of a connection.
func (r Reply) Response(req *http.Request) (*http.Response, error) {
	var raw []byte
	if w, ok := r.body.(wire); ok {
		raw = w.raw
	} else {
		var err error
		if raw, err = json.Marshal(r.body); err != nil {
			return nil, fmt.Errorf("encode reply: %w", err)
		}
	}
	return &http.Response{
		StatusCode: r.Code, Status: http.StatusText(r.Code), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(raw)),
		ContentLength: int64(len(raw)), Request: req,
	}, nil
}
