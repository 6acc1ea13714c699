package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// Decode reads the record that a ControllerRevision carries. The object may
// have been written by anybody: one whose name, owner and record do not belong
// together, or that is out of bounds, is an error.
func Decode(cr *appsv1.ControllerRevision) (policy.Record, error) {
	rec, err := decode(&cr.ObjectMeta)
	if err != nil {
		return policy.Record{}, fmt.Errorf("decode controller revision %s/%s: %w", cr.Namespace, cr.Name, err)
	}
	return rec, nil
}

func decode(meta *metav1.ObjectMeta) (policy.Record, error) {
	owner := metav1.GetControllerOfNoCopy(meta)
	if owner == nil || owner.Kind != deploymentKind || owner.APIVersion != appsv1.SchemeGroupVersion.String() {
		return policy.Record{}, errors.New("it is not controlled by a Deployment")
	}
	value, ok := meta.Annotations[RecordAnnotation]
	if !ok {
		return policy.Record{}, fmt.Errorf("annotation %s is missing", RecordAnnotation)
	}
	if len(value) > MaxRecord {
		return policy.Record{}, fmt.Errorf("annotation %s: %d bytes are more than %d", RecordAnnotation, len(value), MaxRecord)
	}
	var rec policy.Record
	if err := json.Unmarshal([]byte(value), &rec); err != nil {
		return policy.Record{}, fmt.Errorf("annotation %s: %w", RecordAnnotation, err)
	}
	if err := check(rec); err != nil {
		return policy.Record{}, fmt.Errorf("annotation %s: %w", RecordAnnotation, err)
	}
	ends := suffixes(string(owner.UID), rec.Revision.UID)
	if !strings.HasSuffix(meta.Name, ends[0]) && !strings.HasSuffix(meta.Name, ends[1]) {
		return policy.Record{}, errors.New("its name belongs to another revision or workload")
	}
	rec = cut(rec, fits[0])
	rec.Captured = decodeCaptured(meta.Annotations[CapturedAnnotation])
	return rec, nil
}

// check reports everything that makes a record unusable.
func check(rec policy.Record) error {
	var errs []error
	if rec.Verdict != policy.Good && rec.Verdict != policy.Bad && rec.Verdict != policy.Provisional {
		errs = append(errs, fmt.Errorf("verdict is %q: it must be %s, %s or %s", printable(string(rec.Verdict), maxIdentifier),
			policy.Good, policy.Bad, policy.Provisional))
	}
	if rec.Revision.UID == "" {
		errs = append(errs, errors.New("revision.uid is empty"))
	}
	if rec.Revision.Number < 0 {
		errs = append(errs, fmt.Errorf("revision.number is %d: it must not be negative", rec.Revision.Number))
	}
	for _, field := range []struct{ name, value string }{
		{"revision.uid", rec.Revision.UID},
		{"revision.name", rec.Revision.Name},
		{"revision.hash", rec.Revision.Hash},
		{"revision.template", rec.Revision.Template},
		{"target.uid", rec.Target.UID},
		{"target.name", rec.Target.Name},
		{"target.hash", rec.Target.Hash},
		{"target.template", rec.Target.Template},
		{"decisionID", rec.DecisionID},
		{"action", string(rec.Action)},
	} {
		if field.value != printable(field.value, maxIdentifier) {
			errs = append(errs, fmt.Errorf("%s is not printable or longer than %d bytes", field.name, maxIdentifier))
		}
	}
	return errors.Join(errs...)
}
