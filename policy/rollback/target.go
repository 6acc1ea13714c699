package rollback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

// templateOf is the template of a revision without the label of its
// ReplicaSet: from the ReplicaSet, or from the ledger's copy when that is gone.
func (e *Executor) templateOf(ctx context.Context, w policy.Workload, ref policy.RevisionRef) (json.RawMessage, error) {
	raw, err := e.fromReplicaSet(ctx, w, ref)
	if err == nil && raw != nil {
		return raw, nil
	}
	if err != nil && !errors.Is(err, ledger.ErrNoTemplate) {
		return nil, err
	}
	return e.fromLedger(ctx, w, ref)
}

// fromLedger is the ledger's copy of a template. Whoever may create objects
// there must not have undog roll out what they put into them: a copy that is
// not the template of the revision is none.
func (e *Executor) fromLedger(ctx context.Context, w policy.Workload, ref policy.RevisionRef) (json.RawMessage, error) {
	raw, err := e.opts.Ledger.Template(ctx, w, ref.UID)
	if err != nil {
		return nil, err
	}
	then, err := hash(raw)
	if err != nil || then != ref.Template {
		return nil, fmt.Errorf("what the ledger holds for revision %d is not its template: %w", ref.Number, ledger.ErrNoTemplate)
	}
	return unlabelled(raw)
}

// fromReplicaSet is nil when the ReplicaSet of that UID is gone.
func (e *Executor) fromReplicaSet(ctx context.Context, w policy.Workload, ref policy.RevisionRef) (json.RawMessage, error) {
	if ref.Name == "" {
		return nil, nil
	}
	rs, err := e.api.get(ctx, replicaSets, w.Namespace, ref.Name)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	owner := metav1.GetControllerOfNoCopy(&rs.Metadata)
	if string(rs.Metadata.UID) != ref.UID || owner == nil || string(owner.UID) != w.UID {
		return nil, nil
	}
	now, err := hash(rs.Spec.Template)
	if err != nil {
		return nil, err
	}
	if ref.Template != "" && now != ref.Template {
		return nil, fmt.Errorf("template of replica set %s was changed by hand since it was seen: %w", ref.Name, ledger.ErrNoTemplate)
	}
	return unlabelled(rs.Spec.Template)
}

// unlabelled removes the label that the Deployment controller adds and leaves
// every other byte's meaning alone, known to this client or not.
func unlabelled(raw json.RawMessage) (json.RawMessage, error) {
	label := appsv1.DefaultDeploymentUniqueLabelKey
	var t, meta, labels map[string]json.RawMessage
	if err := unmarshal(raw, &t); err != nil {
		return nil, err
	}
	if t["metadata"] == nil {
		return raw, nil
	}
	if err := unmarshal(t["metadata"], &meta); err != nil {
		return nil, err
	}
	if meta["labels"] == nil {
		return raw, nil
	}
	if err := unmarshal(meta["labels"], &labels); err != nil {
		return nil, err
	}
	if _, ok := labels[label]; !ok {
		return raw, nil
	}
	delete(labels, label)
	var err error
	if meta["labels"], err = json.Marshal(labels); err != nil {
		return nil, fmt.Errorf("encode labels of pod template: %w", err)
	}
	if t["metadata"], err = json.Marshal(meta); err != nil {
		return nil, fmt.Errorf("encode metadata of pod template: %w", err)
	}
	if raw, err = json.Marshal(t); err != nil {
		return nil, fmt.Errorf("encode pod template: %w", err)
	}
	return raw, nil
}

func unmarshal(raw json.RawMessage, into *map[string]json.RawMessage) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("decode pod template: %T", err)
	}
	return nil
}
