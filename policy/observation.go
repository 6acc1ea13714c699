package policy

import (
	"cmp"
	"strings"
	"time"
)

// Workload names one workload. Kind and UID identify it; the rest is for people.
type Workload struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	UID       string `json:"uid"`
}

// String is namespace/name, as kubectl users write it.
func (w Workload) String() string { return w.Namespace + "/" + w.Name }

// Observation is the present state of one workload's rollout. It is
// level-triggered: a lost, repeated or late one does no harm, because each
// holds everything. The engine may keep it: the sender must not change it
// afterwards.
type Observation struct {
	// At is when the observation was made, on undog's own clock.
	At time.Time
	// Version changes whenever anything but At changes. Two observations of
	// one workload with the same Version say the same.
	Version  uint64
	Workload Workload
	// Labels are the workload's own labels, for matching policies.
	Labels Labels
	// Mode is the value of the annotation undog.dev/mode, "" if absent.
	Mode string
	// PolicyName is the value of the annotation undog.dev/policy, "" if absent.
	PolicyName string
	// Manager is the tool that owns the workload: Argo CD, Flux, Helm; "" if
	// none is recognised.
	Manager string
	// Owner is the object that controls the Deployment, such as an operator's
	// resource, as kind/name; "" if there is none.
	Owner string
	// ScaledBy is who last set the number of replicas apart from the rest: HPA,
	// or the field manager; "" if nobody did.
	ScaledBy string
	// EditedBy is the field manager that last wrote the pod template and
	// EditedAt when, by the API server's clock; "" and zero if unknown.
	EditedBy string
	EditedAt time.Time

	Generation         int64
	ObservedGeneration int64
	// Template is a hash of the pod template in the spec; Revision.Template
	// is made the same way, so that equal templates have equal hashes.
	Template string
	// PausedBy is the id of the decision by which undog itself paused the
	// workload, "" if it was not undog. The mark stays when somebody else
	// resumes the workload, until undog takes it away.
	PausedBy string
	// Resumed is the id of the last decision to pause that was taken back.
	Resumed  string
	Paused   bool
	Deleting bool
	Recreate bool
	// Replicas is the number of pods asked for.
	Replicas int32
	// UpdatedReplicas … are the workload's status, as its controller wrote it.
	UpdatedReplicas   int32
	TotalReplicas     int32
	ReadyReplicas     int32
	AvailableReplicas int32
	// MinReady is spec.minReadySeconds.
	MinReady time.Duration
	// ProgressDeadline is spec.progressDeadlineSeconds, 0 when it is off.
	ProgressDeadline time.Duration
	// Progressing and ReplicaFailure are the workload's conditions; the second is
	// nil when it is absent. Progressing has no Message where it is True.
	Progressing    Condition
	ReplicaFailure *Condition

	// Configs are the ConfigMaps that the current template names and that
	// exist, sorted by name; at most MaxConfigs.
	Configs []Config
	// Hosts says how the pods that have started and had no Incident yet are
	// spread, current revision against the others, in groups of like nodes.
	// It is only filled while a revision has Incidents. At most MaxHosts.
	Hosts []Host
	// Revisions are sorted by Number, then UID. Only owned ReplicaSets count.
	Revisions []Revision
	// Idle holds those of them that are left out of Revisions as they have
	// nothing to show; nil if none is.
	Idle Idle
	// Records is what the ledger holds for this workload, sorted by At, then revision UID.
	Records []Record
	// Rollbacks are undog's own undos as the workload itself remembers them, oldest first.
	Rollbacks []Rollback
}

// Condition is a Kubernetes condition. Its zero value means that it is absent.
type Condition struct {
	// Status is True, False or Unknown.
	Status  string
	Reason  string
	Message string
	// Updated is lastUpdateTime: whole seconds on the controller's clock.
	Updated time.Time
	// Since is lastTransitionTime: whole seconds on the controller's clock.
	Since time.Time
}

// Holds tells whether the condition is there and True.
func (c *Condition) Holds() bool { return c != nil && c.Status == "True" }

// Config is a ConfigMap that a template names.
type Config struct {
	Name string
	// CreatedAt is when it was made and ChangedAt when its data was last
	// written, by the API server's clock in whole seconds; ChangedBy is the
	// field manager that did.
	CreatedAt time.Time
	ChangedAt time.Time
	ChangedBy string
}

// Host is a group of nodes that have equally many pods of each kind.
type Host struct {
	// Nodes is how many nodes are like this, New and Old how many pods of the
	// current revision and of all others each of them has.
	Nodes, New, Old int32
}

// Incident is the first time that a pod failed after it had started: a
// container that is meant to run exited, or was killed.
type Incident struct {
	// Pod and Node name the pod and its node.
	Pod, Node string
	// At is when undog saw it, on its own clock; zero when it was there at the
	// first look, so that nobody knows what else was there when it happened.
	At time.Time
	// Age is how long after its start the pod failed, 0 if unknown.
	Age time.Duration
	// WasReady says that the pod had been ready before, or may have been.
	WasReady bool
}

// Digest says which image a tag turned out to be in one container of a revision.
type Digest struct {
	Container string `json:"container"`
	// Digest is what the runtime says it runs (imageID), cut to its digest.
	Digest string `json:"digest"`
}

func compareDigests(a, b Digest) int {
	return cmp.Or(strings.Compare(a.Container, b.Container), strings.Compare(a.Digest, b.Digest))
}

// RevisionRef names a revision wherever one is spoken of.
type RevisionRef struct {
	// UID is the ReplicaSet's UID: hashes and numbers can be reused.
	UID string `json:"uid"`
	// Name is the ReplicaSet's name.
	Name string `json:"name"`
	// Hash is the pod-template-hash label.
	Hash string `json:"hash"`
	// Number is the annotation deployment.kubernetes.io/revision, 0 if absent.
	Number int64 `json:"number"`
	// Template is a hash of the pod template without the pod-template-hash label.
	Template string `json:"template"`
	// Images are the images of the containers, in their order, init containers last.
	Images []string `json:"images,omitempty"`
}

// Revision is one revision of a workload with what its pods show, added up.
type Revision struct {
	RevisionRef
	CreatedAt time.Time
	// Pods counts the pods that exist and are not being deleted.
	Pods int32
	// Scheduled counts the pods that have a node.
	Scheduled int32
	// Started counts the pods in which every container has run at least once.
	Started int32
	// Ready counts the pods whose Ready condition is True.
	Ready int32
	// Nodes counts the nodes that host the revision's pods.
	Nodes int32
	// Desired is how many pods its ReplicaSet is asked for.
	Desired int32
	// Lost counts pods on nodes that are not ready. They count nowhere else.
	Lost int32
	// Disrupted counts pods that are being deleted or disrupted (drained,
	// preempted, evicted by their node). They count nowhere else.
	Disrupted int32
	// ReplicaFailure is its ReplicaSet's own condition: pods cannot be created.
	// It is nil when it is absent.
	ReplicaFailure *Condition
	// Digests says which images its pods really run, sorted by container and
	// digest; more than one per container when a tag was moved. At most MaxDigests.
	Digests []Digest
	// Incidents are the first failures of its pods, oldest first, also of pods
	// that are gone; the newest MaxIncidents of them.
	Incidents []Incident
	// ReadySince is the oldest time since which a pod of the revision has been
	// ready without a break; zero when none is ready.
	ReadySince time.Time
	// AllReadySince is the youngest such time over all pods: since then every
	// pod has been ready. Zero when a pod is not ready or there is none.
	AllReadySince time.Time
	// SlowestReady is the longest time from start to ready seen for a pod.
	SlowestReady time.Duration
	// ProbeBudget is how long the revision's own probes allow a container to
	// take until it is ready (start-up probe, then readiness probe).
	ProbeBudget time.Duration
	// Waiting holds, sorted, since when each started but unready pod has been
	// without sustained readiness. Flapping does not reset it. At most MaxWaiting.
	Waiting []time.Time
	// WaitingPods names those that have waited longest, in the order of
	// Waiting; at most MaxSamples.
	WaitingPods []string
	// WaitingNodes counts the nodes of all the pods that are waited for.
	WaitingNodes int32
	// Fell counts the pods that have started, are not ready, and were before, or
	// may have been. The others of those that are waited for are only starting.
	Fell int32
	// Initializing holds, sorted, since when each pod that has not started yet
	// has been running one and the same init container. At most MaxWaiting.
	Initializing []time.Time
	// InitializingPods names the first of them; at most MaxSamples.
	InitializingPods []string
	// SlowestInit is the longest time that an init container took that ended well.
	SlowestInit time.Duration
	// Failures is the evidence, grouped, sorted by key; at most MaxFailures.
	Failures []Failure
	// Unsteady counts the pods that became ready and lost it again at least
	// three times, and were unready for two minutes in all between.
	Unsteady int32
	// Cut counts failure groups that did not fit into Failures.
	Cut int32
}

// The bounds of what an Observation carries per revision.
const (
	MaxFailures = 16
	MaxWaiting  = 64
	// MaxMessage is the longest failure message kept, in bytes.
	MaxMessage = 256
	// MaxSamples is how many pods a failure names.
	MaxSamples = 3
	// MaxIncidents bounds the first failures that are told one by one.
	MaxIncidents = 64
	MaxHosts     = 64
	MaxConfigs   = 16
	MaxDigests   = 16
)

// Failure is one kind of trouble in one container of one revision, added up
// over its pods: same container, same reason, same exit code.
type Failure struct {
	// Reason is Kubernetes' own word: ErrImagePull, CrashLoopBackOff, OOMKilled…
	// ImagePullBackOff is counted under ErrImagePull, CrashLoopBackOff under
	// the terminated reason of the last exit.
	Reason string `json:"reason"`
	// Container is "" when the whole pod is meant.
	Container string `json:"container,omitempty"`
	Init      bool   `json:"init,omitempty"`
	// Exited says that ExitCode is meant.
	Exited   bool  `json:"exited,omitempty"`
	ExitCode int32 `json:"exitCode,omitempty"`
	// Message is Kubernetes' message of the newest occurrence, cut at
	// MaxMessage bytes and cleaned of control characters.
	Message string `json:"message,omitempty"`
	// Pods is the number of pods that show the failure now.
	Pods int32 `json:"pods"`
	// Nodes is the number of nodes they are on.
	Nodes int32 `json:"nodes"`
	// Count is the number of occurrences: exits, or true attempts to pull or create.
	Count int32 `json:"count"`
	// MaxCount is the highest number of occurrences in one pod.
	MaxCount int32 `json:"maxCount"`
	// Repeated is the number of pods with at least two occurrences.
	Repeated int32 `json:"repeated"`
	// Samples names up to MaxSamples pods, the ones with most occurrences first.
	Samples []string `json:"samples,omitempty"`
	// First and Last are when undog first and last saw an occurrence, on its own clock.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// Change is one difference between the templates of two revisions.
type Change struct {
	// Path is the field, as in spec.containers[app].image.
	Path string `json:"path"`
	// From and To are the values where they may be shown, and "" where they
	// may be secret (environment values, annotations, arguments).
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}
