package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"time"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// errInvalid is a patch that does not fit the object.
var errInvalid = errors.New("the server rejected our request due to an error in our request")

// maxBody bounds what a client may send.
const maxBody = 3 << 20

func (s *Server) body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		failed(w, fmt.Errorf("read the body: %w", err))
		return nil, false
	}
	return raw, true
}

func (s *Server) create(w http.ResponseWriter, r *http.Request, of *Resource, t target) {
	raw, ok := s.body(w, r)
	if !ok {
		return
	}
	o := of.empty()
	err := error(nil)
	if r.Header.Get("Content-Type") == protobuf {
		err = decode(raw, o)
	} else {
		err = json.Unmarshal(raw, o)
	}
	if err != nil {
		failed(w, err)
		return
	}
	if o.GetName() == "" {
		o.SetName(fmt.Sprintf("%s%d", o.GetGenerateName(), s.version.Load()))
	}
	o.SetNamespace(t.namespace)
	o.SetUID(types.UID(fmt.Sprintf("made-%s-%s", t.namespace, o.GetName())))
	o.SetCreationTimestamp(metav1.NewTime(time.Now().Truncate(time.Second)))
	if err := of.Create(o); err != nil {
		failed(w, err)
		return
	}
	show(w, r, http.StatusCreated, of, o)
}

func (s *Server) remove(w http.ResponseWriter, _ *http.Request, of *Resource, t target) {
	o, err := of.Get(t.namespace, t.name)
	if err == nil {
		err = of.Delete(o)
	}
	if err != nil {
		failed(w, err)
		return
	}
	reply(w, http.StatusOK, metav1.Status{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusSuccess})
}

// patch applies a JSON patch or a merge patch: all of it or nothing.
func (s *Server) patch(w http.ResponseWriter, r *http.Request, of *Resource, t target) {
	raw, ok := s.body(w, r)
	if !ok {
		return
	}
	var after Object
	edit := of.Edit
	if r.URL.Query().Get("dryRun") != "" {
		edit = of.try
	}
	err := edit(t.namespace, t.name, func(o Object) error {
		after = o
		return s.change(o, of, raw, r)
	})
	if err != nil {
		failed(w, err)
		return
	}
	d, is := after.(*appsv1.Deployment)
	if is && s.Patched != nil && r.URL.Query().Get("dryRun") == "" {
		s.Patched(d)
	}
	show(w, r, http.StatusOK, of, after)
}

// change makes of an object what a patch asks for.
func (s *Server) change(o Object, of *Resource, patch []byte, r *http.Request) error {
	before, err := asJSON(of.kind, o)
	if err != nil {
		return err
	}
	var after []byte
	switch r.Header.Get("Content-Type") {
	case string(types.JSONPatchType):
		steps, err := jsonpatch.DecodePatch(patch)
		if err != nil {
			return fmt.Errorf("decode a patch: %w", err)
		}
		if after, err = steps.Apply(before); err != nil {
			return fmt.Errorf("%w: %w", errInvalid, err)
		}
	case string(types.MergePatchType):
		if err := sameVersion(o, patch); err != nil {
			return err
		}
		if after, err = jsonpatch.MergePatch(before, patch); err != nil {
			return fmt.Errorf("%w: %w", errInvalid, err)
		}
	default:
		return fmt.Errorf("a patch of type %q is not understood here", r.Header.Get("Content-Type"))
	}
	next := of.empty()
	if err := json.Unmarshal(after, next); err != nil {
		return fmt.Errorf("%w: %w", errInvalid, err)
	}
	own(o, next, r.URL.Query().Get("fieldManager"))
	reflect.ValueOf(o).Elem().Set(reflect.ValueOf(next).Elem())
	return nil
}

// sameVersion refuses a patch that was made for another version.
func sameVersion(o Object, patch []byte) error {
	var meant struct{ Metadata metav1.ObjectMeta }
	if err := json.Unmarshal(patch, &meant); err != nil {
		return fmt.Errorf("decode a patch: %w", err)
	}
	m := meant.Metadata
	if m.UID != "" && m.UID != o.GetUID() || m.ResourceVersion != "" && m.ResourceVersion != o.GetResourceVersion() {
		return ErrConflict
	}
	return nil
}

// own keeps what the API server keeps itself: the generation, which a changed
// spec or annotation raises, and who changed something.
func own(before, after Object, manager string) {
	was, is := before.(*appsv1.Deployment)
	now, _ := after.(*appsv1.Deployment)
	if !is {
		return
	}
	spec := !reflect.DeepEqual(was.Spec, now.Spec)
	if !spec && maps.Equal(was.Annotations, now.Annotations) {
		return
	}
	now.Generation = was.Generation + 1
	when := metav1.NewTime(time.Now().Truncate(time.Second))
	fields := `{"f:metadata":{"f:annotations":{}}}`
	if spec {
		fields = `{"f:metadata":{"f:annotations":{}},"f:spec":{"f:template":{"f:spec":{"f:containers":{}}}}}`
	}
	now.ManagedFields = append(now.ManagedFields, metav1.ManagedFieldsEntry{
		Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "apps/v1", Time: &when,
		FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(fields),
	})
}
