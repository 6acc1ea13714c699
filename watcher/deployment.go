package watcher

import (
	"reflect"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/template"
)

// deploymentRecord is a Deployment, reduced. Sixteen thousand are held, of which
// nearly all are well: what only others have is in rare.
type deploymentRecord struct {
	identity
	deploymentSpec
	labels policy.Labels
	// configs names the ConfigMaps that the template needs.
	configs rare[string]
	// rare is nil where there is nothing of it.
	rare *deploymentRare
	// bare says that the spec was not read, as the State knows that of this generation.
	bare bool
}

// deploymentSpec is the part of a deploymentRecord that compares with ==. Spans
// are in seconds, and so are times, on the clocks of others.
type deploymentSpec struct {
	template template.Sum
	paused   bool
	deleting bool
	recreate bool
	// atOnce says that a release leaves no old pods beside new ones.
	atOnce                                       bool
	replicas, updated, total, ready, available   int32
	minReady, deadline                           int32
	generation, observed                         int64
	created                                      int64
	manager, editedBy, progressing, progressedBy word
	editedAt, progressUpdated, progressSince     int64
}

// deploymentRare is what few Deployments have.
type deploymentRare struct {
	mode, policy, owner, scaledBy, pausedBy, resumed string
	// stuck is the message of the condition Progressing where that is not True.
	stuck     string
	failure   *policy.Condition
	rollbacks []policy.Rollback
	// problem says what was wrong with the Deployment's annotations, "" if
	// nothing was.
	problem string
}

// dress gives a record the spec that the State knows.
func (r *deploymentRecord) dress(as *deploymentRecord) {
	r.template, r.configs, r.paused, r.recreate, r.atOnce = as.template, as.configs, as.paused, as.recreate, as.atOnce
	r.replicas, r.minReady, r.deadline = as.replicas, as.minReady, as.deadline
	r.bare = false
}

func (r *deploymentRecord) same(o *deploymentRecord) bool {
	return r.deploymentSpec == o.deploymentSpec && slices.Equal(r.configs.all(), o.configs.all()) && slices.Equal(r.labels, o.labels) &&
		reflect.DeepEqual(r.rare, o.rare)
}

// problem says what was wrong with the Deployment's annotations.
func (r *deploymentRecord) problem() string {
	if r.rare == nil {
		return ""
	}
	return r.rare.problem
}

// reduceDeployment keeps what an Observation says of the Deployment itself.
func reduceDeployment(d *appsv1.Deployment) *deploymentRecord {
	r := &deploymentRecord{
		identity: reduceIdentity(d, ""), labels: internLabels(d.Labels), rare: reduceRare(d),
		bare: d.Generation > 0 && len(d.Spec.Template.Spec.Containers) == 0,
	}
	r.configs.set(configNames(&d.Spec.Template))
	s := &d.Status
	by, at := lastWriter(d.ManagedFields, ownsTemplate)
	r.deploymentSpec = deploymentSpec{
		template:   template.SumOf(&d.Spec.Template),
		paused:     d.Spec.Paused,
		deleting:   d.DeletionTimestamp != nil,
		recreate:   d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType,
		atOnce:     releasedAtOnce(d),
		replicas:   1,
		updated:    s.UpdatedReplicas,
		total:      s.Replicas,
		ready:      s.ReadyReplicas,
		available:  s.AvailableReplicas,
		minReady:   d.Spec.MinReadySeconds,
		deadline:   progressDeadline(d.Spec.ProgressDeadlineSeconds),
		generation: d.Generation,
		observed:   s.ObservedGeneration,
		created:    unixSeconds(d.CreationTimestamp),
		manager:    intern(managerOf(d)),
		editedBy:   intern(by),
		editedAt:   at,
	}
	if d.Spec.Replicas != nil {
		r.replicas = *d.Spec.Replicas
	}
	if c := deploymentCondition(s.Conditions, appsv1.DeploymentProgressing); c != nil {
		r.progressing, r.progressedBy = intern(string(c.Status)), internReason(c.Reason)
		r.progressUpdated, r.progressSince = unixSeconds(c.LastUpdateTime), unixSeconds(c.LastTransitionTime)
	}
	return r
}

// internLabels keeps each key once: every Deployment has the same few.
func internLabels(set map[string]string) policy.Labels {
	list := policy.LabelsOf(set)
	for i := range list {
		list[i].Key = text(intern(list[i].Key))
	}
	return list
}

// reduceRare is nil where there is nothing rare.
func reduceRare(d *appsv1.Deployment) *deploymentRare {
	word := func(annotation string) string { return cleanName(d.Annotations[annotation], maxReason) }
	r := deploymentRare{
		mode:     strings.ToLower(cleanName(strings.TrimSpace(d.Annotations[AnnotationMode]), maxReason)),
		policy:   cleanName(strings.TrimSpace(d.Annotations[AnnotationPolicy]), maxReason),
		owner:    ownerOf(d),
		scaledBy: scalerOf(d),
		pausedBy: word(AnnotationPausedBy),
		resumed:  word(AnnotationResumed),
	}
	if c := deploymentCondition(d.Status.Conditions, appsv1.DeploymentProgressing); c != nil && c.Status != "True" {
		r.stuck = cleanMessage(c.Message)
	}
	if c := deploymentCondition(d.Status.Conditions, appsv1.DeploymentReplicaFailure); c != nil {
		r.failure = &policy.Condition{
			Status: string(c.Status), Reason: cleanName(c.Reason, maxReason), Message: cleanMessage(c.Message),
			Updated: secondsTime(unixSeconds(c.LastUpdateTime)), Since: secondsTime(unixSeconds(c.LastTransitionTime)),
		}
	}
	var err error
	if r.rollbacks, err = parseRollbacks(d.Annotations[AnnotationRollbacks]); err != nil {
		r.problem = err.Error()
	}
	if reflect.ValueOf(&r).Elem().IsZero() {
		return nil
	}
	return &r
}

// say is the Observation's part that the Deployment itself says, but for its name.
func (r *deploymentRecord) say() policy.Observation {
	o := policy.Observation{
		Labels:             r.labels,
		Manager:            text(r.manager),
		EditedBy:           text(r.editedBy),
		EditedAt:           secondsTime(r.editedAt),
		Generation:         r.generation,
		ObservedGeneration: r.observed,
		Template:           r.template.String(),
		Paused:             r.paused,
		Deleting:           r.deleting,
		Recreate:           r.recreate,
		Replicas:           r.replicas,
		UpdatedReplicas:    r.updated,
		TotalReplicas:      r.total,
		ReadyReplicas:      r.ready,
		AvailableReplicas:  r.available,
		MinReady:           time.Duration(r.minReady) * time.Second,
		ProgressDeadline:   time.Duration(r.deadline) * time.Second,
		Progressing: policy.Condition{
			Status: text(r.progressing), Reason: text(r.progressedBy),
			Updated: secondsTime(r.progressUpdated), Since: secondsTime(r.progressSince),
		},
	}
	if x := r.rare; x != nil {
		o.Mode, o.PolicyName, o.Owner, o.ScaledBy, o.PausedBy, o.Resumed = x.mode, x.policy, x.owner, x.scaledBy, x.pausedBy, x.resumed
		o.Progressing.Message, o.ReplicaFailure, o.Rollbacks = x.stuck, x.failure, x.rollbacks
	}
	return o
}

// progressDeadline is 0 for the number by which Kubernetes means "never".
func progressDeadline(seconds *int32) int32 {
	const never = 1<<31 - 1
	if seconds == nil || *seconds == never {
		return 0
	}
	return *seconds
}

func deploymentCondition(all []appsv1.DeploymentCondition, want appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range all {
		if all[i].Type == want {
			return &all[i]
		}
	}
	return nil
}
