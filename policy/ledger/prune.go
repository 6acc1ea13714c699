package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// Keep is how many records of a workload Prune leaves, besides the newest good one.
const Keep = 10

const metadataListType = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

// Prune deletes all but the last Keep records of the workload and the newest
// good one. An object that changed since it was read is left for next time.
func (s *Store) Prune(ctx context.Context, w policy.Workload) error {
	items, err := s.list(ctx, w)
	if err != nil {
		return err
	}
	var errs []error
	for _, meta := range surplus(items, w) {
		if err := s.remove(ctx, &meta.ObjectMeta); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (s *Store) remove(ctx context.Context, meta *metav1.ObjectMeta) error {
	body, err := json.Marshal(metav1.DeleteOptions{
		TypeMeta:      metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"},
		Preconditions: &metav1.Preconditions{UID: &meta.UID, ResourceVersion: &meta.ResourceVersion},
	})
	if err != nil {
		return fmt.Errorf("encode deletion of controller revision %s/%s: %w", meta.Namespace, meta.Name, err)
	}
	err = s.apps.Delete().Namespace(meta.Namespace).Resource(resource).Name(meta.Name).
		SetHeader("Content-Type", jsonType).SetHeader("Accept", jsonType).Body(body).Do(ctx).Error()
	if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return fmt.Errorf("delete controller revision %s/%s: %w", meta.Namespace, meta.Name, err)
}

// surplus is what to delete. Objects that are not the workload's, or that
// cannot be decoded, are not undog's to delete.
func surplus(items []metav1.PartialObjectMetadata, w policy.Workload) []metav1.PartialObjectMetadata {
	type entry struct {
		meta metav1.PartialObjectMetadata
		rec  policy.Record
	}
	var entries []entry
	for _, item := range items {
		if ownedBy(&item.ObjectMeta, w) != nil || item.DeletionTimestamp != nil {
			continue
		}
		if rec, err := decode(&item.ObjectMeta); err == nil {
			entries = append(entries, entry{meta: item, rec: rec})
		}
	}
	// The newest first; equal times are told apart so that all agree.
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(b.rec.At.Compare(a.rec.At), cmp.Compare(b.rec.Revision.UID, a.rec.Revision.UID))
	})
	var out []metav1.PartialObjectMetadata
	good := false
	for i, e := range entries {
		newestGood := !good && e.rec.Verdict == policy.Good
		good = good || newestGood
		if i >= Keep && !newestGood {
			out = append(out, e.meta)
		}
	}
	return out
}
