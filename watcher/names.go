package watcher

import "time"

// The marks on workloads and records that the watcher reads.
const (
	// AnnotationMode is set by a workload's owner to take it out of undog's hands.
	AnnotationMode = "undog.dev/mode"
	// AnnotationPolicy names the policy that the workload's owner wants for it.
	AnnotationPolicy = "undog.dev/policy"
	// AnnotationPausedBy holds the decision by which undog paused the workload.
	AnnotationPausedBy = "undog.dev/paused-by"
	// AnnotationResumed holds the last decision to pause that was taken back.
	AnnotationResumed = "undog.dev/resumed"
	// AnnotationRollbacks holds the workload's own memory of undog's undos, a
	// JSON list of policy.Rollback, oldest first.
	AnnotationRollbacks = "undog.dev/rollbacks"
	// LabelManagedBy tells undog's ControllerRevisions from others.
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of LabelManagedBy on them.
	ManagedBy = "undog"
	// LabelWorkload holds the UID of the Deployment that a record is about. Nobody
	// else may set it, where deploy/ledger-policy.yaml is in force: a
	// ControllerRevision without it is none of undog's.
	LabelWorkload = "undog.dev/workload-uid"

	annotationRevision = "deployment.kubernetes.io/revision"
)

const (
	// SettleAfter is how long a pod must have been ready since its last exit
	// until it no longer shows the failure.
	SettleAfter = 10 * time.Minute
	// MinSustained is the shortest readiness that counts as sustained.
	MinSustained = 30 * time.Second
	// unsteadyLosses is how often a pod must have lost its readiness to be called
	// unsteady, and unsteadyDown for how long it must have been without in all.
	unsteadyLosses = 3
	unsteadyDown   = 2 * time.Minute
	// MaxRollbacks is how many rollbacks an Observation carries.
	MaxRollbacks = 8

	// maxKinds bounds the kinds of failure remembered of one pod.
	maxKinds = 8
	// maxStreaks bounds the times of readiness remembered of one pod.
	maxStreaks = 4
	// maxCredibleStart is the longest time to ready believed of a pod whose
	// start was not watched: beyond it, it more likely lost readiness once.
	maxCredibleStart = 10 * time.Minute
)
