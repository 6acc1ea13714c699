package script

// Script is what a scripted kubelet plays. The zero value plays well-behaved
// pods.
type Script struct {
	// Seed makes jitter and chance repeatable.
	Seed uint64 `json:"seed,omitempty"`
	// BackOff is the kubelet's back-off, for crashes and for image pulls.
	BackOff BackOff `json:"backOff,omitzero"`
	// Nodes is what happens to nodes, in time since the kubelet started.
	Nodes []NodeOutage `json:"nodes,omitempty"`
	// Rules say how containers behave; the first that matches a container wins.
	Rules []Rule `json:"rules,omitempty"`
}

// BackOff is an exponential back-off that doubles. It starts again after twice
// Max without a failure.
type BackOff struct {
	// Base is the first wait; 10s when zero.
	Base Duration `json:"base,omitzero"`
	// Max is the longest wait; 300s when zero.
	Max Duration `json:"max,omitzero"`
	// Retry is how long the kubelet takes to look again at a container that
	// exited or could not start; 1s when zero.
	Retry Duration `json:"retry,omitzero"`
}

// NodeOutage makes one node's kubelet go silent.
type NodeOutage struct {
	// Node is the node's name.
	Node string `json:"node"`
	// After is when it goes silent.
	After Duration `json:"after,omitzero"`
	// For is how long; 0 means for good.
	For Duration `json:"for,omitzero"`
	// EvictAfter replaces the pods' tolerationSeconds for the outage.
	EvictAfter Duration `json:"evictAfter,omitzero"`
}

// Scope says whose clock and whose count a rule uses.
type Scope string

// The scopes.
const (
	// ScopePod plays for each pod on its own.
	ScopePod Scope = "pod"
	// ScopeRevision plays once for all pods of a pod-template-hash: times count
	// from the first container that started, and the exits are dealt out to
	// whichever container starts next.
	ScopeRevision Scope = "revision"
)

// Rule is a play for the containers that match.
type Rule struct {
	// Name appears in logs and errors.
	Name string `json:"name,omitempty"`
	// Match selects containers; an empty match selects all.
	Match Match `json:"match,omitzero"`
	// Per is the scope; pod when empty.
	Per Scope `json:"per,omitempty"`
	// Play is what the containers do.
	Play Play `json:"play"`
}

// Match selects containers. All fields that are set must match; in patterns, *
// stands for any text.
type Match struct {
	// Namespaces are patterns, of which one must match.
	Namespaces []string `json:"namespaces,omitempty"`
	// Labels must be on the pod with these values.
	Labels map[string]string `json:"labels,omitempty"`
	// Image is a pattern for the container's image as the pod spells it.
	Image string `json:"image,omitempty"`
	// Container is the container's name. When empty, the first container
	// matches, and no init container.
	Container string `json:"container,omitempty"`
	// Ordinals is the pod's place among the pods of its pod-template-hash, from
	// 0, in order of creation: "0", "0-2" or "3-". Replacements count on.
	Ordinals string `json:"ordinals,omitempty"`
	// Node is a pattern for the name of the pod's node.
	Node string `json:"node,omitempty"`
	// Chance is the share of pods, from 0 to 1, chosen by the seed; 0 means all.
	Chance float64 `json:"chance,omitempty"`
}

// Play is what one container does.
type Play struct {
	// Container names the container of an annotation's play; rules say it in
	// their match.
	Container string `json:"container,omitempty"`
	// Start is how long the container is created before it runs; 300ms when zero.
	Start Duration `json:"start,omitzero"`
	// Digest tells apart what a tag named at different times; the same tag
	// means another image with another word here.
	Digest string `json:"digest,omitempty"`
	// Jitter varies every duration of the play by up to this share, from 0 to 1.
	Jitter float64 `json:"jitter,omitempty"`
	// Fail keeps the container from starting.
	Fail *Fail `json:"fail,omitempty"`
	// Exits are the container's runs that end, in order.
	Exits []Exit `json:"exits,omitempty"`
	// Then is what follows the last exit; repeat when empty.
	Then Then `json:"then,omitempty"`
	// Log are the lines that every run of the container prints when it starts.
	Log []string `json:"log,omitempty"`
	// Ready says when a running container is ready; after 500ms when nil.
	Ready *Ready `json:"ready,omitempty"`
	// HTTP serves on the pod's address while the container runs.
	HTTP *HTTP `json:"http,omitempty"`
	// Evict ends the whole pod.
	Evict *Evict `json:"evict,omitempty"`
	// Stop is how long the container takes to end when its pod is deleted; 100ms
	// when zero, and no longer than the pod's grace period.
	Stop Duration `json:"stop,omitzero"`
	// BackOff replaces the script's.
	BackOff *BackOff `json:"backOff,omitzero"`
}

// Then is what follows the last exit.
type Then string

// What can follow the last exit.
const (
	// ThenRepeat plays the exits again, for ever.
	ThenRepeat Then = "repeat"
	// ThenRun runs for good; an init container completes.
	ThenRun Then = "run"
	// ThenHang runs for good, init containers too.
	ThenHang Then = "hang"
)

// Fail is why a container cannot start.
type Fail struct {
	// Reason is the waiting reason, such as ErrImagePull or RunContainerError.
	Reason string `json:"reason"`
	// Cause picks the true message of a usual cause.
	Cause Cause `json:"cause,omitempty"`
	// Message replaces the message.
	Message string `json:"message,omitempty"`
	// For is how long the container fails; 0 means for good.
	For Duration `json:"for,omitzero"`
}

// Cause is a usual cause of a failure to start.
type Cause string

// The causes, with the reason that each belongs to.
const (
	CauseNotFound     Cause = "not-found"     // ErrImagePull, the default.
	CauseUnauthorized Cause = "unauthorized"  // ErrImagePull.
	CauseRateLimited  Cause = "rate-limited"  // ErrImagePull.
	CauseTimeout      Cause = "timeout"       // ErrImagePull.
	CauseNoCommand    Cause = "no-command"    // RunContainerError, the default.
	CausePermission   Cause = "no-permission" // RunContainerError.
)

// Probe names the probe whose failure made the kubelet kill a container.
type Probe string

// The probes that kill.
const (
	ProbeLiveness Probe = "liveness"
	ProbeStartup  Probe = "startup"
)

// Exit is one run that ends.
type Exit struct {
	// After is how long the container ran.
	After Duration `json:"after,omitzero"`
	// Code is the exit code; when nil 137 for OOMKilled and for probes, else 1.
	Code *int32 `json:"code,omitempty"`
	// Reason is the terminated reason; Completed or Error by the code when empty.
	Reason string `json:"reason,omitempty"`
	// Message is the terminated message, usually empty.
	Message string `json:"message,omitempty"`
	// Probe makes the exit a kill by the kubelet after this probe failed.
	Probe Probe `json:"probe,omitempty"`
	// Times repeats this exit; 1 when zero.
	Times int `json:"times,omitempty"`
}

// Ready says when a running container is ready.
type Ready struct {
	// After is when it becomes ready.
	After Duration `json:"after,omitzero"`
	// Never keeps it unready.
	Never bool `json:"never,omitempty"`
	// Flips replaces After: the container is unready until the first.
	Flips []Flip `json:"flips,omitempty"`
	// Loop plays the flips again after each such time; 0 means once.
	Loop Duration `json:"loop,omitzero"`
}

// Flip is a change of readiness.
type Flip struct {
	At    Duration `json:"at"`
	Ready bool     `json:"ready"`
}

// Evict ends a pod for a reason that is not its own.
type Evict struct {
	// After counts from when the container first ran.
	After Duration `json:"after,omitzero"`
	// Reason is that of the condition DisruptionTarget; EvictionByEvictionAPI
	// when empty.
	Reason string `json:"reason,omitempty"`
	// Message replaces the condition's message.
	Message string `json:"message,omitempty"`
}
