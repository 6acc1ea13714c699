package watcher

import (
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
}

// replicaSetSpec is the part of a replicaSetRecord that compares with ==.
type replicaSetSpec struct {
	hash     string
	number   int64
	template string
	images   string
	created  int64
	probes   time.Duration
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
		probes:   probeBudget(&rs.Spec.Template),
	}
	return r
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
