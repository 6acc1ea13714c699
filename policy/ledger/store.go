package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/policy"
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
func (s *Store) Remember(ctx context.Context, w policy.Workload, rec policy.Record, template json.RawMessage) error {
	if err := s.remember(ctx, w, rec, template); err != nil {
		return fmt.Errorf("remember revision %s of deployment %s: %w", rec.Revision.UID, w, err)
	}
	return nil
}

func (s *Store) remember(ctx context.Context, w policy.Workload, rec policy.Record, template json.RawMessage) error {
	cr, err := object(w, rec, template)
	if err != nil {
		return err
	}
	for range maxTries {
		// The object is new nearly always, so create it without asking first.
		if err = s.create(ctx, w, cr); !apierrors.IsAlreadyExists(err) {
			return err
		}
		stored, err := s.get(ctx, w, cr.Name)
		if err == nil {
			err = s.update(ctx, w, stored, rec)
		}
		if !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return fmt.Errorf("write controller revision %s: others changed it %d times meanwhile", cr.Name, maxTries)
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
	if stored.Annotations[RecordAnnotation] == string(raw) {
		return nil
	}
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid":             stored.UID,
		"resourceVersion": stored.ResourceVersion,
		"annotations":     map[string]string{RecordAnnotation: string(raw)},
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
func (s *Store) Template(ctx context.Context, w policy.Workload, revisionUID string) (json.RawMessage, error) {
	cr, err := s.get(ctx, w, Name(w, revisionUID))
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("read template of revision %s: %w", revisionUID, ErrNoTemplate)
	}
	if err == nil {
		err = ownedBy(&cr.ObjectMeta, w)
	}
	if err != nil {
		return nil, fmt.Errorf("read template of revision %s: %w", revisionUID, err)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(cr.Data.Raw, &parts); err != nil || parts["spec"] == nil {
		return nil, fmt.Errorf("read template of revision %s: %w", revisionUID, ErrNoTemplate)
	}
	return cr.Data.Raw, nil
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
