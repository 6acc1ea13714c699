package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// reply answers with JSON.
func reply(w http.ResponseWriter, code int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(code)
	_, _ = w.Write(raw)
}

// fail says no as an API server does.
func fail(w http.ResponseWriter, code int32, reason metav1.StatusReason, message string) {
	reply(w, int(code), metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure, Code: code, Reason: reason, Message: message,
	})
}

// failed says what an error means.
func failed(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, ErrNotFound):
		fail(w, http.StatusNotFound, metav1.StatusReasonNotFound, err.Error())
	case errors.Is(err, ErrExists):
		fail(w, http.StatusConflict, metav1.StatusReasonAlreadyExists, err.Error())
	case errors.Is(err, ErrConflict):
		fail(w, http.StatusConflict, metav1.StatusReasonConflict, err.Error())
	case errors.Is(err, errInvalid):
		fail(w, http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, err.Error())
	default:
		fail(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
}

// onlyMetadata tells whether a client asks for nothing but the metadata.
func onlyMetadata(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadata")
}

// show answers with an object as the client wants it.
func show(w http.ResponseWriter, r *http.Request, code int, of *Resource, o Object) {
	if onlyMetadata(r) {
		reply(w, code, metadataOf(o))
		return
	}
	raw, err := asJSON(of.kind, o)
	if err != nil {
		failed(w, err)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(code)
	_, _ = w.Write(raw)
}

func metadataOf(o Object) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadata"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: o.GetNamespace(), Name: o.GetName(), UID: o.GetUID(), ResourceVersion: o.GetResourceVersion(), Generation: o.GetGeneration(),
			Labels: o.GetLabels(), Annotations: o.GetAnnotations(), OwnerReferences: o.GetOwnerReferences(), ManagedFields: o.GetManagedFields(),
			CreationTimestamp: o.GetCreationTimestamp(), DeletionTimestamp: o.GetDeletionTimestamp(),
		},
	}
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, of *Resource, t target) {
	o, err := of.Get(t.namespace, t.name)
	if err != nil {
		failed(w, err)
		return
	}
	show(w, r, http.StatusOK, of, o)
}

// list answers with metadata: nobody lists objects whole but where a watch could
// not begin with them. A list that is cut to a length is empty: it is asked for
// its version.
func (s *Server) list(w http.ResponseWriter, r *http.Request, of *Resource, t target) {
	out := metav1.PartialObjectMetadataList{TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadataList"}}
	out.ResourceVersion = fmt.Sprint(s.version.Load())
	if r.URL.Query().Get("limit") == "1" {
		reply(w, http.StatusOK, metav1.List{
			TypeMeta: metav1.TypeMeta{APIVersion: of.kind.APIVersion, Kind: of.kind.Kind + "List"}, ListMeta: out.ListMeta,
		})
		return
	}
	if !onlyMetadata(r) {
		fail(w, http.StatusNotFound, metav1.StatusReasonNotFound, "lists are streamed here: watch with sendInitialEvents")
		return
	}
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil || !selector.Empty() && !of.selected {
		fail(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, "this cannot be selected by labels here")
		return
	}
	for _, o := range of.in(t.namespace, selector) {
		out.Items = append(out.Items, *metadataOf(o))
	}
	reply(w, http.StatusOK, out)
}

// in decodes the objects of a namespace that have some labels.
func (r *Resource) in(namespace string, selector labels.Selector) []Object {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Object
	for at, s := range r.objects {
		if at.namespace != namespace || !selector.Matches(s.labels) {
			continue
		}
		o := r.empty()
		if decode(s.raw, o) == nil {
			all = append(all, o)
		}
	}
	return all
}

// logs answers with the last lines of a program that ended badly.
func (s *Server) logs(w http.ResponseWriter, _ *http.Request, _ *Resource, _ target) {
	w.Header().Set("Content-Type", "text/plain")
	now := time.Now().UTC()
	for i := range 20 {
		_, _ = fmt.Fprintf(w, "%s level=error attempt=%d msg=\"cannot open the database: missing setting DATABASE_URL\"\n", now.Format(time.RFC3339Nano), i)
	}
}
