package watcher

import (
	"math"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/template"
)

// replicaSetRecord is a ReplicaSet, reduced. There are ten old ones for each
// that has pods: it must be small.
type replicaSetRecord struct {
	identity
	replicaSetSpec
	// failure is why pods cannot be created, nil as long as they can.
	failure *policy.Condition
}

// same tells whether two records of one ReplicaSet say the same.
func (r *replicaSetRecord) same(o *replicaSetRecord) bool {
	return r.replicaSetSpec == o.replicaSetSpec &&
		(r.failure == o.failure || r.failure != nil && o.failure != nil && *r.failure == *o.failure)
}

// replicaSetSpec is the part of a replicaSetRecord that compares with ==.
type replicaSetSpec struct {
	hash     string
	number   int64
	template string
	images   string
	created  int64
	// probes is the probes' budget in seconds.
	probes  int32
	desired int32
}

// reduceReplicaSet keeps only the identity of a ReplicaSet that no Deployment
// controls.
func reduceReplicaSet(rs *appsv1.ReplicaSet) *replicaSetRecord {
	r := &replicaSetRecord{identity: reduceIdentity(rs, "Deployment")}
	if r.owner == (word{}) {
		return r
	}
	r.replicaSetSpec = replicaSetSpec{
		hash:     suffixOf(r.name, rs.Labels[appsv1.DefaultDeploymentUniqueLabelKey]),
		number:   revisionNumber(rs.Annotations),
		template: template.Hash(&rs.Spec.Template),
		images:   joinImages(&rs.Spec.Template),
		created:  unixSeconds(rs.CreationTimestamp),
		probes:   int32(min(probeBudget(&rs.Spec.Template)/time.Second, math.MaxInt32)),
		desired:  1,
	}
	if rs.Spec.Replicas != nil {
		r.desired = *rs.Spec.Replicas
	}
	r.failure = replicaFailure(rs.Status.Conditions)
	return r
}

// replicaFailure is nil where there is none.
func replicaFailure(all []appsv1.ReplicaSetCondition) *policy.Condition {
	for i := range all {
		if c := &all[i]; c.Type == appsv1.ReplicaSetReplicaFailure {
			return &policy.Condition{
				Status: string(c.Status), Reason: cleanName(c.Reason, maxReason), Message: cleanMessage(c.Message),
				Since: secondsTime(unixSeconds(c.LastTransitionTime)),
			}
		}
	}
	return nil
}

// suffixOf returns hash as a part of name where it is one, as it nearly always
// is, so that its bytes are held once.
func suffixOf(name, hash string) string {
	if hash != "" && strings.HasSuffix(name, hash) {
		return name[len(name)-len(hash):]
	}
	return hash
}

// revisionNumber is 0 if the annotation is absent or no number.
func revisionNumber(annotations map[string]string) int64 {
	n, err := strconv.ParseInt(annotations[annotationRevision], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (r *replicaSetRecord) ref() policy.RevisionRef {
	return policy.RevisionRef{
		UID:      r.uid,
		Name:     r.name,
		Hash:     r.hash,
		Number:   r.number,
		Template: r.template,
		Images:   splitImages(r.images),
	}
}
