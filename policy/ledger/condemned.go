package ledger

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// Condemned tells whether a revision is on record as bad, under its own
// ReplicaSet or under another one that had the same template. It asks the API
// server: a cache may not have seen yet what another undog wrote.
func (s *Store) Condemned(ctx context.Context, w policy.Workload, ref policy.RevisionRef) (bool, error) {
	items, err := s.list(ctx, w)
	if err != nil {
		return false, err
	}
	for i := range items {
		meta := &items[i].ObjectMeta
		if ownedBy(meta, w) != nil {
			continue
		}
		rec, err := decode(meta)
		if err != nil {
			// What cannot be read says nothing, here as elsewhere.
			continue
		}
		if rec.Verdict == policy.Bad && (rec.Revision.UID == ref.UID || rec.Revision.Template == ref.Template) {
			return true, nil
		}
	}
	return false, nil
}

// list is the metadata of everything that is kept of a workload.
func (s *Store) list(ctx context.Context, w policy.Workload) ([]metav1.PartialObjectMetadata, error) {
	var list metav1.PartialObjectMetadataList
	err := decodeInto(s.apps.Get().Namespace(w.Namespace).Resource(resource).
		Param("labelSelector", ManagedByLabel+"="+ManagedBy+","+WorkloadLabel+"="+w.UID).
		SetHeader("Accept", metadataListType).Do(ctx), &list)
	if err != nil {
		return nil, fmt.Errorf("list ledger of deployment %s: %w", w, err)
	}
	return list.Items, nil
}
