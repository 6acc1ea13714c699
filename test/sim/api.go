package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/undog-dev/undog/test/sim/world"
)

// api answers undog's requests as an API server does. It knows what undog
// asks for, and answers 404 to everything else.
type api struct {
	world *world.World
	// encoded holds objects as they are on the wire. Objects never change.
	encoded map[metav1.Object][]byte
}

// reply is an answer.
type reply struct {
	code int
	body any
}

// answer serves one request.
func (a *api) answer(method, path, query string, body []byte) reply {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	var name string
	// apis/apps/v1/namespaces/shop/deployments/web and api/v1/namespaces/shop/pods/p.
	if parts[0] == "apis" {
		parts = parts[1:]
	}
	if len(parts) > 5 {
		name = parts[5]
	}
	t := a.table(parts[4])
	switch {
	case t == nil:
		return failure(http.StatusNotFound, metav1.StatusReasonNotFound, "no such resource")
	case method == http.MethodGet && name == "":
		return a.list(t, query)
	case method == http.MethodPost:
		return a.create(t, body)
	}
	o := t.Get(name)
	switch {
	case o == nil:
		return failure(http.StatusNotFound, metav1.StatusReasonNotFound, fmt.Sprintf("%s %q not found", t.Resource, name))
	case method == http.MethodGet:
		return reply{http.StatusOK, a.encode(o)}
	case method == http.MethodDelete:
		return a.remove(t, o, body)
	case method == http.MethodPatch && t == a.world.Deployments:
		return a.patchDeployment(name, body)
	case method == http.MethodPatch && t == a.world.Records:
		return a.patchRecord(o.(*appsv1.ControllerRevision), body)
	}
	return failure(http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed, method)
}

// wire is an object that was encoded before.
type wire struct {
	metav1.Object
	raw []byte
}

func (a *api) encode(o metav1.Object) any {
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

func (a *api) table(resource string) *world.Table {
	for _, t := range []*world.Table{a.world.Deployments, a.world.ReplicaSets, a.world.Pods, a.world.Records} {
		if t.Resource == resource {
			return t
		}
	}
	return nil
}

func (a *api) list(t *world.Table, selector string) reply {
	want, err := labels.Parse(selector)
	if err != nil {
		return failure(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	var out metav1.PartialObjectMetadataList
	for _, o := range t.List(t.Len()) {
		if cr, ok := o.(*appsv1.ControllerRevision); ok && want.Matches(labels.Set(cr.Labels)) {
			out.Items = append(out.Items, metav1.PartialObjectMetadata{ObjectMeta: cr.ObjectMeta})
		}
	}
	return reply{http.StatusOK, out}
}

func (a *api) create(t *world.Table, body []byte) reply {
	cr := &appsv1.ControllerRevision{}
	if err := json.Unmarshal(body, cr); err != nil || t != a.world.Records {
		return failure(http.StatusBadRequest, metav1.StatusReasonBadRequest, "not a controller revision")
	}
	if t.Get(cr.Name) != nil {
		return failure(http.StatusConflict, metav1.StatusReasonAlreadyExists, cr.Name)
	}
	a.world.Create(t, cr)
	return reply{http.StatusCreated, cr}
}

func (a *api) remove(t *world.Table, o metav1.Object, body []byte) reply {
	var opts metav1.DeleteOptions
	if err := json.Unmarshal(body, &opts); err != nil {
		return failure(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	if p := opts.Preconditions; p != nil && (p.UID != nil && *p.UID != o.GetUID() ||
		p.ResourceVersion != nil && *p.ResourceVersion != o.GetResourceVersion()) {
		return failure(http.StatusConflict, metav1.StatusReasonConflict, "precondition failed")
	}
	a.world.Remove(t, o)
	return reply{http.StatusOK, metav1.Status{Status: metav1.StatusSuccess}}
}

// patchRecord is a merge patch of labels and annotations.
func (a *api) patchRecord(old *appsv1.ControllerRevision, body []byte) reply {
	var patch struct{ Metadata metav1.ObjectMeta }
	if err := json.Unmarshal(body, &patch); err != nil {
		return failure(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	m := patch.Metadata
	if m.UID != "" && m.UID != old.UID || m.ResourceVersion != "" && m.ResourceVersion != old.ResourceVersion {
		return failure(http.StatusConflict, metav1.StatusReasonConflict, "the object has been modified")
	}
	next := *old
	next.Labels, next.Annotations = maps.Clone(old.Labels), maps.Clone(old.Annotations)
	maps.Copy(next.Labels, m.Labels)
	maps.Copy(next.Annotations, m.Annotations)
	a.world.Replace(a.world.Records, &next)
	return reply{http.StatusOK, &next}
}

func failure(code int32, reason metav1.StatusReason, message string) reply {
	return reply{int(code), metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure, Code: code, Reason: reason, Message: message,
	}}
}

// response is the reply as it comes out of a connection.
func (r reply) response(req *http.Request) (*http.Response, error) {
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
		StatusCode: r.code, Status: http.StatusText(r.code), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(raw)),
		ContentLength: int64(len(raw)), Request: req,
	}, nil
}
