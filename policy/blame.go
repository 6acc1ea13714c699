package policy

// blame says whose fault a kind of failure is, as far as the kind alone can say.
type blame int

const (
	// unplaced failures are of a kind that undog does not know.
	unplaced blame = iota
	// ambiguous failures can be either's fault: numbers, time and the other
	// revisions decide.
	ambiguous
	// revisions are failures that a revision brings with it.
	revisions
	// environments are failures of what the pods run on. They never convict.
	environments
)

// reasons is every reason for which a container waits or has ended, or for
// which a whole pod is held up or was ended, with who is to blame for it.
// Where the message or the changed fields say more, blameOf asks them.
//
// Waiting containers: k8s.io/kubernetes/pkg/kubelet/images/types.go,
// pkg/kubelet/container/sync_result.go, pkg/kubelet/kuberuntime and
// k8s.io/cri-api/pkg/errors. Ended containers: the runtime's own words, and
// pkg/kubelet/container/runtime.go. Whole pods: pkg/kubelet/lifecycle,
// pkg/kubelet/eviction, pkg/kubelet/nodeshutdown and pkg/scheduler. Volumes and
// sandboxes, which only Events tell of: pkg/kubelet/events/event.go.
var reasons = map[string]blame{
	// The message says whether the image is missing or the registry in trouble.
	"ErrImagePull":     ambiguous,
	"ImagePullBackOff": ambiguous,
	// No registry is asked: the name itself is wrong, or nothing may be pulled.
	"InvalidImageName":  revisions,
	"ErrImageNeverPull": revisions,
	// The runtime could not look at an image that it has.
	"ImageInspectError":   environments,
	"RegistryUnavailable": environments,
	// The image is not signed by whom the node asks for.
	"SignatureValidationFailed": revisions,
	// The node's runtime cannot do what the template asks for, or fails to.
	"RROUnsupported":         ambiguous,
	"ImageVolumeMountFailed": ambiguous,
	// What the template names is missing; the message may blame a cache.
	"CreateContainerConfigError": revisions,
	// A bad mount or command, or a name clash in the runtime.
	"CreateContainerError": ambiguous,
	"RunContainerError":    ambiguous,
	"StartError":           ambiguous,
	"ContainerCannotRun":   ambiguous,
	// Hooks of the node's own, inside the kubelet.
	"PreCreateHookError": environments,
	"PreStartHookError":  environments,
	// A hook of the template's.
	"PostStartHookError": revisions,
	// The kubelet and the runtime at odds, or no network for the pod.
	"KillContainerError":     environments,
	"RemoveContainerError":   environments,
	"CreatePodSandboxError":  environments,
	"ConfigPodSandboxError":  environments,
	"KillPodSandboxError":    environments,
	"ResizePodInPlaceError":  environments,
	"ContainerStatusUnknown": environments,
	// All containers are restarted because one was: that one has a reason of its own.
	"RestartingAllContainers": environments,

	// Exits. What a container does that is the same everywhere is the
	// revision's; how often and where is asked by the rules.
	"Error":     ambiguous,
	"Completed": ambiguous,
	"OOMKilled": ambiguous,
	// The runtime lost sight of the container (exit code 255).
	"Unknown": environments,

	// Whole pods. The message of an eviction says whose limit was exceeded.
	"Evicted":          environments,
	"Preempting":       environments,
	"Terminated":       environments,
	"NodeShutdown":     environments,
	"NodeLost":         environments,
	"Shutdown":         environments,
	"DeadlineExceeded": revisions,
	// The scheduler's message and the changed fields decide.
	"Unschedulable": environments,
	// A gate is its owner's, an error the scheduler's own.
	"SchedulingGated": environments,
	"SchedulerError":  environments,
	// Refused by the node: whose fault depends on what changed (see podFields).
	"OutOfcpu":                             environments,
	"OutOfmemory":                          environments,
	"OutOfephemeral-storage":               environments,
	"OutOfpods":                            environments,
	"NodeAffinity":                         environments,
	"PodOSSelectorNodeLabelDoesNotMatch":   environments,
	"PodOSNotSupported":                    environments,
	"InitContainerRestartPolicyForbidden":  environments,
	"SupplementalGroupsPolicyNotSupported": environments,
	"AppArmor":                             environments,
	"SysctlForbidden":                      environments,
	"PodFeatureUnsupported":                environments,
	"PodLevelResourcesNotSupported":        environments,
	"UnexpectedAdmissionError":             environments,
	"InvalidNodeInfo":                      environments,
	"UnknownReason":                        environments,
	"UnexpectedPredicateFailureType":       environments,
	"EmptyPodSharedPoolError":              environments,
	"VolumeAttachmentLimitExceeded":        environments,

	// Volumes and sandboxes. The message says whether what is mounted is missing.
	"FailedMount":                     environments,
	"FailedMapVolume":                 environments,
	"FailedAttachVolume":              environments,
	"FailedMountOnFilesystemMismatch": environments,
	"FailedCreatePodSandBox":          environments,
	"FailedPodSandBoxStatus":          environments,
	"SandboxChanged":                  environments,
	"NetworkNotReady":                 environments,
	"FailedSync":                      environments,
	"FailedKillPod":                   environments,
	"FailedCreatePodContainer":        environments,
	"FailedPrepareDynamicResources":   environments,
	"FailedNodeDeclaredFeaturesCheck": environments,
	"FailedValidation":                environments,
	"TopologyAffinityError":           environments,
}

// blameOf says whose fault a failure is, from its kind, its message and what
// the revision changed.
func (c *Case) blameOf(f Failure) blame {
	b := reasons[f.Reason]
	switch {
	case f.Exited && b == unplaced:
		// A word of the runtime's own for an exit.
		return ambiguous
	case cannotStart(f), missingConfig(f), ownEviction(f), missingImage(f):
		return revisions
	case f.Reason == "ErrImagePull" && containsAny(f.Message, imageTrouble):
		return environments
	case f.Reason == "CreateContainerConfigError":
		return environments // missingConfig would have said so.
	case f.Reason == "CreateContainerError" && containsAny(f.Message, createTrouble):
		return environments
	case f.Reason == "Unschedulable" && c.unschedulable(f).own, c.refusedByNode(f):
		return revisions
	}
	return b
}

// createTrouble marks messages of runtimes at odds with themselves.
var createTrouble = []string{"is reserved for", "already in use", "deadline exceeded", "timed out", "no space left"}

// blamed tells whether a failure can be held against the revision when it is stuck.
func (c *Case) blamed(f Failure) bool {
	b := c.blameOf(f)
	return b == ambiguous || b == revisions
}

// outranks tells whether a finding counts for more than another. Of two that
// only suspect, the one that may be the revision's fault does.
func (f Finding) outranks(g Finding) bool {
	if f.Level != g.Level {
		return f.Level > g.Level
	}
	return g.Environment && !f.Environment && f.Level != Clear
}

// lost tells the exits that nobody saw: they are evidence of nothing.
func lost(f Failure) bool { return f.Exited && reasons[f.Reason] == environments }

// started tells whether only a pod whose containers have all run can show a failure.
func (f Failure) started() bool { return (f.Exited || f.Reason == "PostStartHookError") && !f.Init }

// startedFault tells whether a failure can be the revision's own fault and is
// shown by pods that have started.
func (c *Case) startedFault(f Failure) bool { return f.started() && c.blamed(f) }

// unstartedFault tells whether it is shown by pods that have not.
func (c *Case) unstartedFault(f Failure) bool { return !f.started() && c.blamed(f) }

// faulty is how many pods at least show one of some failures. A pod may show
// those of several containers, and several exits of one; but a container waits
// for one thing at a time.
func (c *Case) faulty(wanted func(Failure) bool) int32 {
	var most int32
	for _, f := range c.Revision.Failures {
		var held, exited int32
		for _, g := range c.Revision.Failures {
			switch {
			case g.Container != f.Container || g.Init != f.Init || !wanted(g):
			case g.Exited:
				exited = max(exited, g.Pods)
			default:
				held += g.Pods
			}
		}
		most = max(most, held, exited)
	}
	return most
}
