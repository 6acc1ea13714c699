package apiserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Operation is one step of a JSON Patch.
type Operation struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value,omitempty"`
}

// patchDeployment is a JSON Patch: all of it or nothing.
func (a *Server) patchDeployment(name string, query url.Values, body []byte) Reply {
	var ops []Operation
	if err := json.Unmarshal(body, &ops); err != nil {
		return Failure(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	old, _ := a.objects.Get(deployments, name).(*appsv1.Deployment)
	next := *old
	next.Annotations = maps.Clone(next.Annotations)
	for _, op := range ops {
		if err := op.apply(&next); err != nil {
			return Failure(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid,
				"the server rejected our request due to an error in our request")
		}
	}
	if query.Get("dryRun") != "" {
		return Reply{http.StatusOK, &metav1.PartialObjectMetadata{ObjectMeta: next.ObjectMeta}}
	}
	after := a.objects.Edit(name, query.Get("fieldManager"), func(d *appsv1.Deployment) { d.Annotations, d.Spec = next.Annotations, next.Spec })
	return Reply{http.StatusOK, &metav1.PartialObjectMetadata{ObjectMeta: after.ObjectMeta}}
}

const annotationsPath = "/metadata/annotations"

func (op Operation) apply(d *appsv1.Deployment) error {
	switch key, ok := strings.CutPrefix(op.Path, annotationsPath+"/"); {
	case ok:
		return op.annotate(d, strings.NewReplacer("~1", "/", "~0", "~").Replace(key))
	case op.Path == annotationsPath && op.Op == "add":
		d.Annotations = nil
		return json.Unmarshal(op.Value, &d.Annotations)
	case op.Op == "test":
		return op.test(d)
	case op.Path == "/spec/template" && op.Op == "replace":
		d.Spec.Template = corev1.PodTemplateSpec{}
		return json.Unmarshal(op.Value, &d.Spec.Template)
	case op.Path == "/spec/paused" && op.Op == "add":
		return json.Unmarshal(op.Value, &d.Spec.Paused)
	case op.Path == "/spec/paused" && op.Op == "remove":
		d.Spec.Paused = false
		return nil
	}
	return fmt.Errorf("%s of %s is not known here", op.Op, op.Path)
}

func (op Operation) test(d *appsv1.Deployment) error {
	var have any
	switch op.Path {
	case "/metadata/uid":
		have = d.UID
	case "/metadata/generation":
		have = d.Generation
	default:
		return fmt.Errorf("test of %s is not known here", op.Path)
	}
	return op.equals(have)
}

func (op Operation) equals(have any) error {
	raw, err := json.Marshal(have)
	if err != nil {
		return err
	}
	if string(raw) != string(op.Value) {
		return fmt.Errorf("%s is %s, not %s", op.Path, raw, op.Value)
	}
	return nil
}

func (op Operation) annotate(d *appsv1.Deployment, key string) error {
	value, there := d.Annotations[key]
	switch op.Op {
	case "test":
		return op.equals(value)
	case "remove":
		if !there {
			return fmt.Errorf("annotation %s is not there", key)
		}
		delete(d.Annotations, key)
		return nil
	}
	if d.Annotations == nil {
		return fmt.Errorf("there are no annotations to add %s to", key)
	}
	var next string
	if err := json.Unmarshal(op.Value, &next); err != nil {
		return err
	}
	d.Annotations[key] = next
	return nil
}
