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

// deploymentRecord is a Deployment, reduced.
type deploymentRecord struct {
	identity
	// seen is the Observation's part that the Deployment itself says.
	seen policy.Observation
	// configs names the ConfigMaps that the template needs.
	configs []string
	created int64
	// atOnce says that a release leaves no old pods beside new ones.
	atOnce bool
	// problem says what was wrong with the Deployment's annotations, "" if
	// nothing was.
	problem string
}

func (r *deploymentRecord) same(o *deploymentRecord) bool {
	return r.problem == o.problem && r.atOnce == o.atOnce && slices.Equal(r.configs, o.configs) && reflect.DeepEqual(&r.seen, &o.seen)
}

// reduceDeployment keeps what an Observation says of the Deployment itself.
func reduceDeployment(d *appsv1.Deployment) *deploymentRecord {
	r := &deploymentRecord{
		identity: reduceIdentity(d, ""), configs: configNames(&d.Spec.Template), created: unixSeconds(d.CreationTimestamp),
		atOnce: releasedAtOnce(d),
	}
	s := &d.Status
	r.seen = policy.Observation{
		Workload: policy.Workload{
			Kind: "Deployment", Namespace: text(r.namespace), Name: r.name, UID: r.uid,
		},
		Labels:             d.Labels,
		Mode:               strings.ToLower(cleanName(strings.TrimSpace(d.Annotations[AnnotationMode]), maxReason)),
		PolicyName:         cleanName(strings.TrimSpace(d.Annotations[AnnotationPolicy]), maxReason),
		Manager:            managerOf(d),
		Owner:              ownerOf(d),
		ScaledBy:           scalerOf(d),
		Generation:         d.Generation,
		ObservedGeneration: s.ObservedGeneration,
		Template:           template.Hash(&d.Spec.Template),
		Paused:             d.Spec.Paused,
		Deleting:           d.DeletionTimestamp != nil,
		Recreate:           d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType,
		Replicas:           1,
		UpdatedReplicas:    s.UpdatedReplicas,
		TotalReplicas:      s.Replicas,
		ReadyReplicas:      s.ReadyReplicas,
		AvailableReplicas:  s.AvailableReplicas,
		MinReady:           time.Duration(d.Spec.MinReadySeconds) * time.Second,
		Progressing:        reduceDeploymentCondition(s.Conditions, appsv1.DeploymentProgressing),
		ReplicaFailure:     reduceDeploymentCondition(s.Conditions, appsv1.DeploymentReplicaFailure),
	}
	if d.Spec.Replicas != nil {
		r.seen.Replicas = *d.Spec.Replicas
	}
	r.seen.PausedBy = cleanName(d.Annotations[AnnotationPausedBy], maxReason)
	r.seen.Resumed = cleanName(d.Annotations[AnnotationResumed], maxReason)
	by, at := lastWriter(d.ManagedFields, ownsTemplate)
	r.seen.EditedBy, r.seen.EditedAt = by, secondsTime(at)
	r.seen.ProgressDeadline = progressDeadline(d.Spec.ProgressDeadlineSeconds)
	var err error
	r.seen.Rollbacks, err = parseRollbacks(d.Annotations[AnnotationRollbacks])
	if err != nil {
		r.problem = err.Error()
	}
	return r
}

// progressDeadline is 0 for the number by which Kubernetes means "never".
func progressDeadline(seconds *int32) time.Duration {
	const never = 1<<31 - 1
	if seconds == nil || *seconds == never {
		return 0
	}
	return time.Duration(*seconds) * time.Second
}

func reduceDeploymentCondition(all []appsv1.DeploymentCondition, want appsv1.DeploymentConditionType) policy.Condition {
	for i := range all {
		c := &all[i]
		if c.Type != want {
			continue
		}
		return policy.Condition{
			Status:  string(c.Status),
			Reason:  cleanName(c.Reason, maxReason),
			Message: cleanMessage(c.Message),
			Updated: secondsTime(unixSeconds(c.LastUpdateTime)),
			Since:   secondsTime(unixSeconds(c.LastTransitionTime)),
		}
	}
	return policy.Condition{}
}
