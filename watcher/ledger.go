package watcher

import (
	"fmt"
	"reflect"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/policy"
)

// ledgerRecord is one of undog's ControllerRevisions, reduced.
type ledgerRecord struct {
	identity
	record policy.Record
	// problem says why the record could not be read, "" if it could.
	problem string
}

func (r *ledgerRecord) same(o *ledgerRecord) bool {
	return r.owner == o.owner && r.problem == o.problem && reflect.DeepEqual(&r.record, &o.record)
}

// reduceRecord keeps only the identity of a ControllerRevision that is not
// undog's, and the problem of one that cannot be read.
func reduceRecord(cr *appsv1.ControllerRevision, decode DecodeRecord) *ledgerRecord {
	r := &ledgerRecord{identity: reduceIdentity(cr, "Deployment")}
	if r.owner == (uid{}) {
		return r
	}
	about, _ := uidOf(cr.Labels[LabelWorkload])
	if decode == nil || cr.Labels[LabelManagedBy] != ManagedBy || about != r.owner {
		r.owner = uid{}
		return r
	}
	record, err := decode(cr)
	if err != nil {
		r.owner = uid{}
		r.problem = cleanMessage(fmt.Errorf("decode record: %w", err).Error())
		return r
	}
	r.record = record
	return r
}
