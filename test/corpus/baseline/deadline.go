package baseline

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/test/corpus/play"
)

// Deadline rolls back when the Deployment controller says that the progress
// deadline was exceeded, as scripts do that wait for `kubectl rollout status`.
//
// Source: Kubernetes documentation, Deployments, "Failed Deployment": "Once the
// deadline has been exceeded, the Deployment controller adds a DeploymentCondition
// … type: Progressing, status: False, reason: ProgressDeadlineExceeded. … Higher
// level orchestrators can take advantage of it and act accordingly, for example,
// rollback the Deployment to its previous version."
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment
type Deadline struct{}

// NewDeadline makes one.
func NewDeadline() *Deadline { return &Deadline{} }

// Name implements play.Judge.
func (*Deadline) Name() string { return "progress deadline" }

// Look implements play.Judge.
func (*Deadline) Look(v play.View) bool {
	for _, c := range v.Deployment.Status.Conditions {
		if c.Type == appsv1.DeploymentProgressing {
			return c.Status == corev1.ConditionFalse && c.Reason == "ProgressDeadlineExceeded"
		}
	}
	return false
}
