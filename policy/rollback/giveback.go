package rollback

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// maxGiveBacks bounds how often giving back is tried while others write.
const maxGiveBacks = 5

// GiveBack removes undog from the workload's managed fields, so that whoever
// owns the fields can apply them without a conflict. Do does it after every
// write; call it on start for workloads that undog wrote to, because it may
// have been killed in between. It is nil when there is nothing to give back.
func (e *Executor) GiveBack(ctx context.Context, w policy.Workload) error {
	ctx, cancel := context.WithTimeout(ctx, e.opts.Timeout)
	defer cancel()
	return e.releaseFields(ctx, w, nil)
}

// giveBack is GiveBack for a workload that was just read or written. A failure
// does not undo the write: it is told, and can be made good later.
func (e *Executor) giveBack(ctx context.Context, w policy.Workload, meta *metav1.ObjectMeta) {
	err := e.releaseFields(ctx, w, meta)
	if err == nil {
		return
	}
	e.opts.Log.WarnContext(ctx, "cannot give back the ownership of fields", "namespace", w.Namespace,
		"deployment", w.Name, "reason", printable(err.Error()))
	if e.opts.GiveBackFailed != nil {
		e.opts.GiveBackFailed(w, err)
	}
}

func (e *Executor) releaseFields(ctx context.Context, w policy.Workload, meta *metav1.ObjectMeta) error {
	for range maxGiveBacks {
		if meta == nil {
			var err error
			if meta, err = e.api.metadata(ctx, w); apierrors.IsNotFound(err) {
				return nil
			} else if err != nil {
				return err
			}
		}
		if string(meta.UID) != w.UID {
			return nil
		}
		ops := release(meta, e.opts.FieldManager)
		if ops == nil {
			return nil
		}
		if !e.opts.MayAct() {
			return errors.New("give back fields: this undog no longer leads")
		}
		_, err := e.api.patch(ctx, w, ops, false)
		if err == nil || apierrors.IsNotFound(err) {
			return nil
		}
		if !isUnprocessable(err) && !apierrors.IsConflict(err) {
			return err
		}
		meta = nil
	}
	return fmt.Errorf("give back fields of deployment %s: others changed it %d times meanwhile", w, maxGiveBacks)
}

// release removes the manager's entries, the last first because each removal
// moves those behind it. Every entry is tested: its place may be another's by now.
func release(meta *metav1.ObjectMeta, manager string) []operation {
	var ops []operation
	for i, entry := range slices.Backward(meta.ManagedFields) {
		if entry.Manager != manager || entry.Operation != metav1.ManagedFieldsOperationUpdate || entry.Subresource != "" {
			continue
		}
		at := fmt.Sprintf("/metadata/managedFields/%d", i)
		ops = append(ops,
			operation{Op: "test", Path: at + "/manager", Value: manager},
			operation{Op: "test", Path: at + "/operation", Value: entry.Operation},
			operation{Op: "remove", Path: at})
	}
	if ops == nil {
		return nil
	}
	return append([]operation{{Op: "test", Path: "/metadata/uid", Value: meta.UID}}, ops...)
}

// isUnprocessable recognises both a failed test and an invalid object.
func isUnprocessable(err error) bool {
	if err == nil {
		return false
	}
	code, _ := status(err)
	return code == http.StatusUnprocessableEntity
}
