package policy

import (
	"fmt"
	"time"
)

// createGrace is how long pods may be refused. What a template needs, such as
// its ServiceAccount, is often created a moment after it, and the ReplicaSet
// controller tries again after 5 ms, 10 ms and so on: the try after the 20th
// second comes in the 41st (DefaultTypedControllerRateLimiter in
// k8s.io/client-go/util/workqueue).
const createGrace = 45 * time.Second

// createRule convicts a revision of which not one pod can be created, because
// the API server refuses what its template says. A quota that is used up, a
// webhook that does not answer, or a refusal of what the release did not touch
// speaks against the cluster, not against the revision. Pods that were created
// before show that the template can be: then something else has changed.
func createRule(c *Case) Finding {
	r := c.Revision
	cond := r.ReplicaFailure
	if cond == nil && r.Pods == 0 && !c.othersRefused(func(string) bool { return true }) {
		cond = c.Observation.ReplicaFailure
	}
	if !cond.Holds() || cond.Reason == "FailedDelete" {
		return Finding{}
	}
	since := latest(cond.Since, c.began())
	kind := refusalOf(cond.Message)
	created := r.Pods+r.Lost+r.Disrupted > 0 || len(r.Incidents) > 0
	got := Finding{
		Level: Suspicious, Reason: kind.reason, Environment: created || kind.blame == environments,
		Message: fmt.Sprintf("%s: %s", kind.what, cond.Message),
		Failures: []Failure{{
			Reason: "FailedCreate", Message: cond.Message, Count: 1, MaxCount: 1, First: since, Last: c.At,
		}},
	}
	if kind.blame != revisions {
		return got
	}
	switch {
	case created:
		got.Message += "; pods of the revision could be created before, so that it is not the template"
		return got
	case c.othersRefused(func(m string) bool { return refusalOf(m).word == kind.word }):
		got.Environment = true
		got.Message += "; pods of another revision are refused for the same reason"
		return got
	case kind.untouched(c):
		got.Environment = true
		got.Message += "; the release did not touch what is refused, so that the revision before it would be refused as well"
		return got
	}
	return c.after(got, since, createGrace)
}

// othersRefused tells whether another revision's pods are refused with a
// message that matches.
func (c *Case) othersRefused(match func(message string) bool) bool {
	for i := range c.Observation.Revisions {
		r := &c.Observation.Revisions[i]
		if r.UID != c.Revision.UID && r.ReplicaFailure.Holds() && match(r.ReplicaFailure.Message) {
			return true
		}
	}
	return false
}

// refusal is one way in which the API server refuses a pod.
type refusal struct {
	// word marks its messages.
	word   string
	blame  blame
	reason string
	what   string
	// fields are those that it is about; none if it can be about any.
	fields []string
	// except are those that it is never about, where that is easier to say.
	except []string
}

// untouched tells whether it is known that the release changed nothing that
// the refusal can be about.
func (k refusal) untouched(c *Case) bool {
	switch {
	case k.except != nil:
		return c.touchedOnly(k.except...)
	case k.fields != nil:
		return c.knowsChanges() && !c.touched(k.fields...)
	}
	return false
}

// refusalOf finds the refusal that a message speaks of.
func refusalOf(message string) refusal {
	for _, k := range refusals {
		if containsAny(message, []string{k.word}) {
			return k
		}
	}
	return refusal{blame: ambiguous, reason: "CreateRefused", what: "no pod can be created"}
}

// The words for what went wrong, shared by several refusals.
const (
	cannotCreate = "CannotCreatePods"
	refused      = "the API server refuses the revision's pods"
	unreached    = "pods cannot be created, by fault of the API server or of what it asks"
)

// refusals are asked in this order: what names a field may quote any word, and
// a webhook that could not be reached has denied nothing.
//
// Sources: plugin/pkg/admission/{limitranger,serviceaccount,priority,
// runtimeclass,security/podsecurity} in k8s.io/kubernetes, and pkg/admission/
// plugin/{resourcequota,webhook,policy,namespace/lifecycle} in k8s.io/apiserver.
var refusals = []refusal{
	{word: `" is invalid:`, blame: revisions, reason: cannotCreate, what: refused},
	{word: "exceeded quota", blame: environments, reason: "QuotaExceeded", what: "pods cannot be created, since a quota of the namespace is used up"},
	{word: "violates podsecurity", blame: revisions, reason: cannotCreate, what: refused, except: harmless},
	{word: "failed calling webhook", blame: environments, reason: "WebhookUnavailable", what: unreached},
	{word: "failed to call webhook", blame: environments, reason: "WebhookUnavailable", what: unreached},
	{word: "being terminated", blame: environments, reason: "NamespaceTerminating", what: "pods cannot be created, since the namespace is being deleted"},
	{word: "error looking up service account", blame: revisions, reason: cannotCreate, what: refused, fields: []string{"spec.serviceAccountName"}},
	{word: "no priorityclass with name", blame: revisions, reason: cannotCreate, what: refused, fields: []string{"spec.priorityClassName"}},
	{word: "pod rejected: runtimeclass", blame: revisions, reason: cannotCreate, what: refused, fields: []string{"spec.runtimeClassName", "spec.overhead"}},
	{word: "pod rejected: pod", blame: revisions, reason: cannotCreate, what: refused, fields: []string{"spec.runtimeClassName", "spec.overhead"}},
	{word: "usage per ", blame: revisions, reason: cannotCreate, what: refused, fields: resourceFields},
	{word: "ratio per ", blame: revisions, reason: cannotCreate, what: refused, fields: resourceFields},
	{word: "failed quota", blame: revisions, reason: cannotCreate, what: refused, fields: resourceFields},
	{word: "timeout", blame: environments, reason: "ApiServerTrouble", what: unreached},
	{word: "timed out", blame: environments, reason: "ApiServerTrouble", what: unreached},
	{word: "deadline exceeded", blame: environments, reason: "ApiServerTrouble", what: unreached},
	{word: "connection refused", blame: environments, reason: "ApiServerTrouble", what: unreached},
	{word: "too many requests", blame: environments, reason: "ApiServerTrouble", what: unreached},
	{word: "etcdserver", blame: environments, reason: "ApiServerTrouble", what: unreached},
	{word: "object has been modified", blame: environments, reason: "ApiServerTrouble", what: unreached},
	{word: "internal error", blame: environments, reason: "ApiServerTrouble", what: unreached},
	{word: "currently unable to handle", blame: environments, reason: "ApiServerTrouble", what: unreached},
	{word: "denied the request", blame: revisions, reason: cannotCreate, what: refused},
	{word: "denied request", blame: revisions, reason: cannotCreate, what: refused},
}

// resourceFields are those that limits and quotas of a namespace look at.
var resourceFields = []string{"spec.containers.resources", "spec.containers[]", "spec.resources", "spec.overhead", "spec.volumes"}

// harmless are the fields that Pod Security never looks at
// (k8s.io/pod-security-admission/policy).
var harmless = []string{
	"spec.containers.image", "spec.containers.imagePullPolicy", "spec.containers.env", "spec.containers.envFrom",
	"spec.containers.command", "spec.containers.args", "spec.containers.workingDir", "spec.containers.resources",
	"metadata.labels", "spec.terminationGracePeriodSeconds", "spec.serviceAccountName", "spec.nodeSelector",
}
