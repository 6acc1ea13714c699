package kubeevents

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
)

// Controller is what Events say of who reports them.
const Controller = "undog.dev/undog"

// The bounds of the API server, in bytes.
const (
	maxName     = 253
	maxInstance = 128
	maxNote     = 1024
)

// wording is what an Event says of a kind of transition.
type wording struct {
	// reason is what happened, action what undog did; both are for machines.
	reason, action string
	// note is a sentence about the ReplicaSet %s.
	note string
}

// words has every kind of transition of a workload.
var words = map[policy.TransitionKind]wording{
	policy.RolloutStarted:    {"RolloutStarted", "Judge", "undog judges the rollout of %s"},
	policy.CheckDiffers:      {"CheckDiffers", "Check", "a check shows what changed with %s, which is not held against it"},
	policy.CheckInconclusive: {"CheckInconclusive", "Check", "a check says nothing about %s"},
	policy.RolloutSuspect:    {"RolloutSuspect", "Judge", "there is evidence against %s, not enough to convict it"},
	policy.RolloutCleared:    {"RolloutCleared", "Judge", "the evidence against %s went away"},
	policy.RolloutHeld:       {"RolloutHeld", "Hold", "%s fails, and undog does nothing about it"},
	policy.VerdictGood:       {"RevisionGood", "Judge", "%s proved itself"},
	policy.VerdictBad:        {"RevisionConvicted", "Judge", "%s is bad"},
	policy.RollbackWouldHave: {"RollbackWouldHave", "Observe", "%s is bad; undog only tells"},
	policy.RollbackDone:      {"RolledBack", "Rollback", "%s was undone"},
	policy.RollbackRefused:   {"RollbackRefused", "Hold", "%s is bad, and was not undone"},
	policy.RolloutHalted:     {"RolloutHalted", "Hold", "%s is bad; the rest is left to people"},
	policy.RolloutPaused:     {"RolloutPaused", "Pause", "the rollout of %s was paused"},
	policy.RolloutResumed:    {"RolloutResumed", "Resume", "undog's pause of %s is over"},
	policy.RolloutRecovered:  {"RolloutRecovered", "Judge", "%s, which was returned to, is complete"},
	policy.RollbackContested: {"RollbackContested", "Hold", "%s was undone and is back; undog does not fight over it"},
	policy.VerdictWithdrawn:  {"ConvictionWithdrawn", "Judge", "the conviction of %s is taken back"},
}

// order is the place of each kind in the life of a rollout, kinds what the
// contract says of them.
var order, kinds = func() (map[policy.TransitionKind]int, map[policy.TransitionKind]notify.Kind) {
	order, kinds := map[policy.TransitionKind]int{}, map[policy.TransitionKind]notify.Kind{}
	for i, k := range notify.Kinds() {
		order[policy.TransitionKind(k.Name())], kinds[policy.TransitionKind(k.Name())] = i, k
	}
	return order, kinds
}()

// event is the Event that tells of a transition, and whether there is one:
// what is told of the fleet has no object to be told at.
//
// It has the fields of events.k8s.io and, beside them, those of before: kubectl
// describe sorts by lastTimestamp alone, which that API does not let anybody set.
func event(t *policy.Transition, instance string) (*corev1.Event, bool) {
	w, known := words[t.Kind]
	if !known || t.Workload.Kind != "Deployment" || t.Workload.UID == "" {
		return nil, false
	}
	e := &corev1.Event{
		ObjectMeta:          metav1.ObjectMeta{Name: name(t), Namespace: t.Workload.Namespace},
		EventTime:           metav1.NewMicroTime(t.At.Truncate(time.Microsecond)),
		FirstTimestamp:      metav1.NewTime(t.At.Truncate(time.Second)),
		LastTimestamp:       metav1.NewTime(t.At.Truncate(time.Second)),
		Count:               1,
		ReportingController: Controller,
		ReportingInstance:   notify.Text(cmp.Or(instance, "undog"), maxInstance),
		Action:              w.action,
		Reason:              w.reason,
		Type:                corev1.EventTypeWarning,
		InvolvedObject: corev1.ObjectReference{
			APIVersion: "apps/v1", Kind: "Deployment", Namespace: t.Workload.Namespace, Name: t.Workload.Name, UID: types.UID(t.Workload.UID),
		},
		Message: note(t, w),
	}
	if kinds[t.Kind].Severity == notify.Info {
		e.Type = corev1.EventTypeNormal
	}
	if r := t.Revision; r.UID != "" && r.Name != "" {
		e.Related = &corev1.ObjectReference{
			APIVersion: "apps/v1", Kind: "ReplicaSet", Namespace: t.Workload.Namespace, Name: r.Name, UID: types.UID(r.UID),
		}
	}
	return e, true
}

// name is the same for the same transition, whoever tells of it, so that it is
// told once. The order of names is that of time, and the API server lists them so.
func name(t *policy.Transition) string {
	suffix := fmt.Sprintf(".%016x%02x.%.8s", max(t.At.UnixNano(), 0), order[t.Kind], cmp.Or(t.ID, "0"))
	base := t.Workload.Name
	if len(base)+len(suffix) > maxName {
		base = strings.TrimRight(base[:maxName-len(suffix)], ".-")
	}
	return base + suffix
}

// note says what happened to which ReplicaSet, and why, in words that are the
// same whenever the same happens.
func note(t *policy.Transition, w wording) string {
	what := t.Revision.Name
	if what == "" {
		what = "the revision"
	}
	text := fmt.Sprintf(w.note, what)
	if t.Kind == policy.RollbackDone && t.Target.Name != "" {
		text += " in favour of " + t.Target.Name
	}
	if word(t.Reason) {
		text += ": " + t.Reason
	}
	return notify.Text(text, maxNote)
}

// word tells whether a reason is one: it may be the name of a check's finding or
// of a container's state, and never a sentence.
func word(reason string) bool {
	const longest = 64
	return reason != "" && len(reason) <= longest && !strings.ContainsFunc(reason, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}
