package watcher

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/slim"
	"github.com/undog-dev/undog/watcher/template"
)

// replicaSetRecord is a ReplicaSet, reduced.
type replicaSetRecord struct {
	identity
	// hash is the pod-template-hash where it is not the end of the name.
	hash word
	// generation is metadata.generation, of which its low half is enough to tell
	// whether it is the same.
	generation uint32
	// bare says that the spec was not read, as the State knows that of this generation.
	bare bool
	replicaSetSpec
	// failure is why pods cannot be created, nil as long as they can.
	failure *policy.Condition
}

// replicaSetSpec is what a ReplicaSet says of itself. There are ten old ones for
// each that has pods: it must be small.
type replicaSetSpec struct {
	number   int64
	images   imageList
	template template.Sum
	// created is in Unix seconds.
	created uint32
	// probes is the probes' budget in seconds.
	probes  int32
	desired int32
}

// reduceReplicaSet keeps only the identity of a ReplicaSet that no Deployment
// controls.
func reduceReplicaSet(rs *appsv1.ReplicaSet) *replicaSetRecord {
	r := &replicaSetRecord{identity: reduceIdentity(rs, "Deployment")}
	if r.owner == (uid{}) {
		return r
	}
	r.generation = uint32(rs.Generation) //nolint:gosec // the low half
	r.bare = rs.Generation > 0 && len(rs.Spec.Template.Spec.Containers) == 0
	r.hash = hashBeside(r.name, rs.Labels[appsv1.DefaultDeploymentUniqueLabelKey])
	r.replicaSetSpec = replicaSetSpec{
		number:   revisionNumber(rs.Annotations),
		template: sumOf(rs),
		images:   imagesOf(&rs.Spec.Template),
		created:  stamp(unixSeconds(rs.CreationTimestamp)),
		probes:   probeBudget(&rs.Spec.Template),
		desired:  1,
	}
	if rs.Spec.Replicas != nil {
		r.desired = *rs.Spec.Replicas
	}
	r.failure = replicaFailure(rs.Status.Conditions)
	return r
}

// sumOf is the hash of the template, as it was read or as it is.
func sumOf(rs *appsv1.ReplicaSet) template.Sum {
	if sum, ok := slim.TemplateSum(rs); ok {
		return sum
	}
	return template.SumOf(&rs.Spec.Template)
}

// dress gives a record the spec that the State knows.
func (r *replicaSetRecord) dress(as *replicaSetSpec) {
	r.template, r.images, r.probes, r.desired = as.template, as.images, as.probes, as.desired
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

// noHash stands for a hash that is not there. No label has such a value.
const noHash = "-"

// hashBeside is a hash that is not what a name ends with, after a dash, as it
// nearly always is.
func hashBeside(name label, hash string) word {
	switch hash {
	case name.ending():
		return word{}
	case "":
		return intern(noHash)
	}
	return intern(hash)
}

// revisionNumber is 0 if the annotation is absent or no number.
func revisionNumber(annotations map[string]string) int64 {
	n, err := strconv.ParseInt(annotations[annotationRevision], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// ref names the revision, in its workload's family.
func (r *revision) ref(f family) policy.RevisionRef {
	name := r.nameIn(f)
	ref := policy.RevisionRef{
		UID:      r.uidText(),
		Name:     name.String(),
		Hash:     text(r.hash()),
		Number:   r.rec.number,
		Template: r.rec.template.String(),
		Images:   r.rec.images.all(),
	}
	switch ref.Hash {
	case "":
		// It shares the name's bytes.
		ref.Hash = ref.Name[len(ref.Name)-len(name.ending()):]
	case noHash:
		ref.Hash = ""
	}
	return ref
}
