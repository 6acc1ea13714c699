package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/template"
)

// The errors that a caller may branch on.
var (
	// ErrGone says that the workload no longer exists or is another one.
	ErrGone = errors.New("workload is gone")
	// ErrForeign says that an object of the ledger's name is somebody else's.
	ErrForeign = errors.New("belongs to another owner")
	// ErrNoTemplate says that the ledger holds no template of the revision.
	ErrNoTemplate = errors.New("ledger holds no template")
)

const (
	resource = "controllerrevisions"
	// maxTries bounds how often a write that others raced is tried.
	maxTries = 5
	jsonType = "application/json"
	// metadataType asks for an object without its spec, data and status.
	metadataType = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
)

// Options is what a Store needs.
type Options struct {
	// Apps is the client of the API group apps/v1.
	Apps rest.Interface
	// FieldManager is the name of the writer, undog if empty.
	FieldManager string
}

// Store is a ledger of ControllerRevisions.
type Store struct {
	apps    rest.Interface
	manager string
}

// New makes a Store.
func New(opts Options) (*Store, error) {
	if opts.Apps == nil {
		return nil, errors.New("make ledger: Apps is nil: give the REST client of apps/v1")
	}
	if opts.FieldManager == "" {
		opts.FieldManager = ManagedBy
	}
	return &Store{apps: opts.Apps, manager: opts.FieldManager}, nil
}

// Remember keeps the record, merged with the one that may already be kept of
// the same revision. The template is the revision's pod template as JSON, nil
// if it is no longer known.
func (s *Store) Remember(ctx context.Context, w policy.Workload, rec policy.Record, raw json.RawMessage) error {
	if err := s.remember(ctx, w, rec, raw); err != nil {
		return fmt.Errorf("remember revision %s of deployment %s: %w", rec.Revision.UID, w, err)
	}
	return nil
}

// remember writes under the first name that is not somebody else's.
func (s *Store) remember(ctx context.Context, w policy.Workload, rec policy.Record, raw json.RawMessage) error {
	cr, err := object(w, rec, raw)
	if err != nil {
		return err
	}
	for _, cr.Name = range names(w, rec.Revision.UID) {
		if err = s.keep(ctx, w, cr, rec); !errors.Is(err, ErrForeign) {
			return err
		}
	}
	return err
}

func (s *Store) keep(ctx context.Context, w policy.Workload, cr *appsv1.ControllerRevision, rec policy.Record) error {
	for range maxTries {
		// The object is new nearly always, so create it without asking first.
		err := s.create(ctx, w, cr)
		if !apierrors.IsAlreadyExists(err) {
			return err
		}
		stored, err := s.get(ctx, w, cr.Name)
		switch {
		case err != nil:
		case spoilt(stored, cr) && ownedBy(&stored.ObjectMeta, w) == nil:
			if cr, err = s.renew(ctx, w, stored, cr, rec); err != nil {
				return err
			}
			continue
		default:
			err = s.update(ctx, w, stored, rec)
		}
		if !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return fmt.Errorf("write controller revision %s: others changed it %d times meanwhile", cr.Name, maxTries)
}

// renew removes an object, so that it can be made anew with what was learnt:
// data cannot be changed.
func (s *Store) renew(ctx context.Context, w policy.Workload, stored, next *appsv1.ControllerRevision, rec policy.Record) (*appsv1.ControllerRevision, error) {
	if err := s.remove(ctx, &stored.ObjectMeta); err != nil {
		return nil, err
	}
	if old, err := Decode(stored); err == nil {
		rec = merge(old, rec)
	}
	cr, err := object(w, rec, next.Data.Raw)
	if err != nil {
		return nil, err
	}
	cr.Name = next.Name
	return cr, nil
}

// spoilt tells whether a stored object does not hold the template that is to be
// kept, where one is: somebody else made it, or the template was not known.
func spoilt(stored, next *appsv1.ControllerRevision) bool {
	wanted := templateHash(next.Data.Raw)
	return wanted != none && templateHash(stored.Data.Raw) != wanted
}

// none is the hash of no template at all.
var none = templateHash([]byte("{}"))

// templateHash is the hash of a template as JSON, "" if it is none.
func templateHash(raw []byte) string {
	var t corev1.PodTemplateSpec
	if json.Unmarshal(raw, &t) != nil {
		return ""
	}
	return template.Hash(&t)
}

// create looks at the workload first: an object whose owner does not exist
// would be collected at once, and one whose owner has another UID is a lie.
func (s *Store) create(ctx context.Context, w policy.Workload, cr *appsv1.ControllerRevision) error {
	if err := s.alive(ctx, w); err != nil {
		return err
	}
	body, err := json.Marshal(cr)
	if err != nil {
		return fmt.Errorf("encode controller revision %s: %w", cr.Name, err)
	}
	res := s.apps.Post().Namespace(w.Namespace).Resource(resource).
		Param("fieldManager", s.manager).
		SetHeader("Content-Type", jsonType).SetHeader("Accept", jsonType).
		Body(body).Do(ctx)
	if err := res.Error(); err != nil {
		return fmt.Errorf("create controller revision %s: %w", cr.Name, err)
	}
	return nil
}

func (s *Store) alive(ctx context.Context, w policy.Workload) error {
	var d metav1.PartialObjectMetadata
	err := decodeInto(s.apps.Get().Namespace(w.Namespace).Resource("deployments").Name(w.Name).
		SetHeader("Accept", metadataType).Do(ctx), &d)
	if apierrors.IsNotFound(err) || (err == nil && (string(d.UID) != w.UID || d.DeletionTimestamp != nil)) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("get deployment: %w", err)
	}
	return nil
}

// update changes the record if that changes what is remembered. A patch with a
// resourceVersion is refused as a conflict when the object has moved.
func (s *Store) update(ctx context.Context, w policy.Workload, stored *appsv1.ControllerRevision, rec policy.Record) error {
	if err := ownedBy(&stored.ObjectMeta, w); err != nil {
		return err
	}
	if old, err := Decode(stored); err == nil {
		rec = merge(old, rec)
	}
	raw, err := Encode(rec)
	if err != nil {
		return err
	}
	kept := annotations(rec, raw)
	if stored.Annotations[RecordAnnotation] == kept[RecordAnnotation] && stored.Annotations[CapturedAnnotation] == kept[CapturedAnnotation] {
		return nil
	}
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid":             stored.UID,
		"resourceVersion": stored.ResourceVersion,
		"annotations":     kept,
		"labels":          map[string]string{VerdictLabel: string(rec.Verdict)},
	}})
	if err != nil {
		return fmt.Errorf("encode patch of controller revision %s: %w", stored.Name, err)
	}
	res := s.apps.Patch(types.MergePatchType).Namespace(w.Namespace).Resource(resource).Name(stored.Name).
		Param("fieldManager", s.manager).SetHeader("Accept", jsonType).Body(body).Do(ctx)
	if err := res.Error(); err != nil {
		return fmt.Errorf("patch controller revision %s: %w", stored.Name, err)
	}
	return nil
}

// Template is the pod template of a revision as it was when it was judged.
// Anybody may have written it: whoever uses it must know its hash.
func (s *Store) Template(ctx context.Context, w policy.Workload, revisionUID string) (json.RawMessage, error) {
	for _, name := range names(w, revisionUID) {
		cr, err := s.get(ctx, w, name)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err == nil {
			err = ownedBy(&cr.ObjectMeta, w)
		}
		if errors.Is(err, ErrForeign) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read template of revision %s: %w", revisionUID, err)
		}
		var parts map[string]json.RawMessage
		if err := json.Unmarshal(cr.Data.Raw, &parts); err == nil && parts["spec"] != nil {
			return cr.Data.Raw, nil
		}
	}
	return nil, fmt.Errorf("read template of revision %s: %w", revisionUID, ErrNoTemplate)
}

func (s *Store) get(ctx context.Context, w policy.Workload, name string) (*appsv1.ControllerRevision, error) {
	var cr appsv1.ControllerRevision
	err := decodeInto(s.apps.Get().Namespace(w.Namespace).Resource(resource).Name(name).
		SetHeader("Accept", jsonType).Do(ctx), &cr)
	if err != nil {
		return nil, fmt.Errorf("get controller revision %s: %w", name, err)
	}
	return &cr, nil
}

// decodeInto reads a reply as JSON, which keeps what this client does not know.
func decodeInto(res rest.Result, into any) error {
	if err := res.Error(); err != nil {
		return err
	}
	raw, err := res.Raw()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("decode reply: %w", err)
	}
	return nil
}
