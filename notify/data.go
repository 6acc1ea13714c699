package notify

import "time"

// Data is what an event says. Fields that do not apply are absent.
type Data struct {
	// Cluster is the name that undog was given for the cluster.
	Cluster  string   `json:"cluster"`
	Workload Workload `json:"workload"`
	Phase    Phase    `json:"phase,omitzero"`
	// Reason is CamelCase and stable: machines read it.
	Reason string `json:"reason"`
	// Message is a sentence for people.
	Message string `json:"message"`
	// Revision is the one spoken of.
	Revision Revision `json:"revision,omitzero"`
	// Target is the revision to return to, or returned to.
	Target Revision `json:"target,omitzero"`
	// Policy is the name of the policy that judged.
	Policy string `json:"policy,omitempty"`
	// Action is what the policy does with a bad revision: rollback, pause or notify.
	Action string `json:"action,omitempty"`
	// DecisionID names the decision; the workload and the ledger carry it too.
	DecisionID string `json:"decisionId,omitempty"`
	// Failures is the evidence, Changes what is different from the target.
	Failures []Failure `json:"failures,omitempty"`
	Changes  []Change  `json:"changes,omitempty"`
	// Vetoes were asked before anything was done, and did not hold.
	Vetoes []Veto `json:"vetoes,omitempty"`
	// Checks is what checks have shown of the revision, Reported what was said
	// of it from outside.
	Checks   []Check   `json:"checks,omitempty"`
	Reported *Reported `json:"reported,omitempty"`
	// By is who released the revision, as far as the API server knows.
	By *Author `json:"by,omitempty"`
	// Captured is what its containers showed last, read before the undo took
	// their pods away.
	Captured []Captured `json:"captured,omitempty"`
	// Cut is present when the event did not fit into MaxSize as it was.
	Cut *Cut `json:"cut,omitempty"`
}

// Workload names the workload that an event is about.
type Workload struct {
	// Kind, Namespace, Name and UID are the object's own. What is told of all
	// workloads together has the kind Fleet.
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	UID       string `json:"uid"`
}

// Author is who last wrote the workload's template when the rollout began.
type Author struct {
	// FieldManager is what the writer called itself to the API server.
	FieldManager string `json:"fieldManager,omitempty"`
	// Tool is the tool that owns the workload, such as Argo CD, Flux or Helm.
	Tool string `json:"tool,omitempty"`
	// Owner is the object that controls the workload, such as an operator's
	// resource, as kind/name.
	Owner string `json:"owner,omitempty"`
	// ScaledBy is who last set the number of replicas apart from the rest of the
	// workload: HPA, or what the writer called itself.
	ScaledBy string `json:"scaledBy,omitempty"`
	// At is when it was written, by the API server's clock.
	At time.Time `json:"at,omitzero"`
}

// Phase is the change of the rollout's phase. From is empty for a workload
// that had not been judged before.
type Phase struct {
	// From is the phase before, To the one after; CamelCase and stable.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Revision names one revision of a workload.
type Revision struct {
	// UID and Name are those of the ReplicaSet.
	UID  string `json:"uid"`
	Name string `json:"name"`
	// Hash is the label pod-template-hash.
	Hash string `json:"hash,omitempty"`
	// Number is what kubectl rollout history shows.
	Number int64 `json:"number,omitempty"`
	// Images are those of its containers, init containers last.
	Images []string `json:"images,omitempty"`
}

// Failure is one kind of trouble in one container, added up over the pods of
// the revision.
type Failure struct {
	// Reason is Kubernetes' own word.
	Reason string `json:"reason"`
	// Container is empty when the whole pod is meant.
	Container string `json:"container,omitempty"`
	// Init says that it is an init container.
	Init bool `json:"init,omitempty"`
	// ExitCode is absent when the container has not exited.
	ExitCode *int32 `json:"exitCode,omitempty"`
	// Message is Kubernetes' message of the newest occurrence, shortened.
	Message string `json:"message,omitempty"`
	// Pods and Nodes count those affected, Count the occurrences.
	Pods  int32 `json:"pods"`
	Nodes int32 `json:"nodes"`
	Count int32 `json:"count"`
	// Samples names some of the pods.
	Samples []string `json:"samples,omitempty"`
	// First and Last are when undog saw it first and last.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
}

// Change is one difference between the revision and its target. The values
// are absent where they may be secret.
type Change struct {
	// Path is the field of the pod template, From and To its values.
	Path string `json:"path"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Veto is a reason to do nothing that was considered, with why it did not hold.
type Veto struct {
	// Reason is CamelCase and stable; Message a sentence for people.
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// Cut says what was left out to keep the event within MaxSize.
type Cut struct {
	// Failures, Changes and Images count the entries left out.
	Failures int `json:"failures,omitempty"`
	Changes  int `json:"changes,omitempty"`
	Images   int `json:"images,omitempty"`
	// Checks counts those left out, Differences what was left out of checks.
	Checks      int `json:"checks,omitempty"`
	Differences int `json:"differences,omitempty"`
	// Lines counts the captured lines left out.
	Lines int `json:"lines,omitempty"`
	// Texts counts the texts that were shortened; each ends with an ellipsis.
	Texts int `json:"texts,omitempty"`
}
