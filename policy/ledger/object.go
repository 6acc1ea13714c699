package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/undog-dev/undog/policy"
)

// What a ControllerRevision of the ledger carries.
const (
	// ManagedByLabel and ManagedBy select the ledger among all ControllerRevisions.
	ManagedByLabel = "app.kubernetes.io/managed-by"
	ManagedBy      = "undog"
	// WorkloadLabel holds the UID of the workload. No controller selects by
	// it, so nothing can adopt the object, and one workload's records can be
	// listed without reading the namespace's.
	WorkloadLabel = "undog.dev/workload-uid"
	// VerdictLabel repeats the verdict, for people.
	VerdictLabel = "undog.dev/verdict"
	// RecordAnnotation holds the record as JSON.
	RecordAnnotation = "undog.dev/record"
	// CapturedAnnotation holds what was captured before the undo, as JSON.
	CapturedAnnotation = "undog.dev/captured"
)

const (
	deploymentKind = "Deployment"
	infix          = "-undog-"
	nameHashBytes  = 8
)

// Selector is the label selector of everything in the ledger.
func Selector() string { return ManagedByLabel + "=" + ManagedBy + "," + WorkloadLabel }

// Name is the name of the ControllerRevision that remembers a revision. It
// begins with the workload's name for people; the hash alone identifies it.
func Name(w policy.Workload, revisionUID string) string {
	return name(w, suffixes(w.UID, revisionUID)[0])
}

// names are the names that a record may have: somebody else's object may have
// the first.
func names(w policy.Workload, revisionUID string) []string {
	ends := suffixes(w.UID, revisionUID)
	return []string{name(w, ends[0]), name(w, ends[1])}
}

func name(w policy.Workload, end string) string {
	head := w.Name
	if limit := validation.DNS1123SubdomainMaxLength - len(end); len(head) > limit {
		head = head[:limit]
	}
	// A label of a DNS name must not end in a hyphen or begin with one.
	return strings.TrimRight(head, "-.") + end
}

// suffixes are how the names of a revision's record may end.
func suffixes(workloadUID, revisionUID string) [2]string {
	sum := sha256.Sum256([]byte(workloadUID + "/" + revisionUID))
	return [2]string{
		infix + hex.EncodeToString(sum[:nameHashBytes]),
		infix + hex.EncodeToString(sum[nameHashBytes:2*nameHashBytes]),
	}
}

func object(w policy.Workload, rec policy.Record, template json.RawMessage) (*appsv1.ControllerRevision, error) {
	raw, err := Encode(rec)
	if err != nil {
		return nil, err
	}
	if len(template) == 0 {
		// The API server insists on data.
		template = json.RawMessage("{}")
	}
	controller, block := true, false
	return &appsv1.ControllerRevision{
		TypeMeta: metav1.TypeMeta{APIVersion: appsv1.SchemeGroupVersion.String(), Kind: "ControllerRevision"},
		ObjectMeta: metav1.ObjectMeta{
			Name:      Name(w, rec.Revision.UID),
			Namespace: w.Namespace,
			Labels: map[string]string{
				ManagedByLabel: ManagedBy,
				WorkloadLabel:  w.UID,
				VerdictLabel:   string(rec.Verdict),
			},
			Annotations: annotations(rec, raw),
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion:         appsv1.SchemeGroupVersion.String(),
				Kind:               deploymentKind,
				Name:               w.Name,
				UID:                types.UID(w.UID),
				Controller:         &controller,
				BlockOwnerDeletion: &block,
			}},
		},
		Data:     runtime.RawExtension{Raw: template},
		Revision: max(rec.Revision.Number, 0),
	}, nil
}

// ownedBy tells whether the object is controlled by the workload.
func ownedBy(meta *metav1.ObjectMeta, w policy.Workload) error {
	owner := metav1.GetControllerOfNoCopy(meta)
	if owner == nil || string(owner.UID) != w.UID {
		return fmt.Errorf("controller revision %s/%s: %w", meta.Namespace, meta.Name, ErrForeign)
	}
	return nil
}
