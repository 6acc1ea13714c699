package world

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/watcher/template"
)

// Fate is what becomes of the pods of a template.
type Fate string

// The fates. The benign ones look bad at first, but are not.
const (
	Good Fate = "good"
	// Slow pods take up to 40 seconds to become ready.
	Slow Fate = "slow"
	// Flaky pods exit once or twice, some of them, and then run.
	Flaky Fate = "flaky"
	// RegistryTrouble is a registry that answers at the third attempt.
	RegistryTrouble Fate = "registry-trouble"
	// ConfigLate is a ConfigMap that is created half a minute too late.
	ConfigLate Fate = "config-late"

	Crash         Fate = "crash"
	OutOfMemory   Fate = "out-of-memory"
	LateCrash     Fate = "late-crash"
	ImageMissing  Fate = "image-missing"
	ImageInvalid  Fate = "image-invalid"
	ConfigMissing Fate = "config-missing"
	CannotStart   Fate = "cannot-start"
	NeverReady    Fate = "never-ready"
)

var (
	// Benign are the fates that nobody may be blamed for.
	Benign = []Fate{Good, Slow, Flaky, RegistryTrouble, ConfigLate}
	// Bad are the fates that are the template's own fault.
	Bad = []Fate{Crash, OutOfMemory, LateCrash, ImageMissing, ImageInvalid, ConfigMissing, CannotStart, NeverReady}
)

// Bad tells whether the template is at fault.
func (f Fate) Bad() bool {
	return slices.Contains(Bad, f)
}

// Truth is what is so about a template, whoever knows it.
type Truth struct {
	Fate Fate
	// Version is the number in its image tag.
	Version int
	// Shown is when a pod of the template first showed what speaks against
	// it, zero if none did. What an eviction does to a pod does not count.
	Shown time.Time
}

// Truth is the truth about the template with a hash; nil if nobody ever
// applied it.
func (w *World) Truth(hash string) *Truth { return w.truth[hash] }

// template makes up a template with a fate.
func (w *World) template(app string, fate Fate) corev1.PodTemplateSpec {
	w.uids["version"]++
	n := w.uids["version"]
	t := corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{appLabel: app}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "app", Image: fmt.Sprintf("registry.example/%s:1.%d", app, n),
			ReadinessProbe: &corev1.Probe{PeriodSeconds: 5, FailureThreshold: 3},
		}}},
	}
	w.truth[template.Hash(&t)] = &Truth{Fate: fate, Version: n}
	return t
}

// restarted is the template as kubectl rollout restart makes it.
func (w *World) restarted(t corev1.PodTemplateSpec) corev1.PodTemplateSpec {
	was := w.truth[template.Hash(&t)]
	t.Annotations = with(t.Annotations, "kubectl.kubernetes.io/restartedAt", w.Clock.Now().Format(time.RFC3339Nano))
	w.truth[template.Hash(&t)] = &Truth{Fate: was.Fate, Version: was.Version}
	return t
}

// show notes that a template's fate has shown.
func (w *World) show(l *life) {
	if t := w.truth[l.template]; t.Shown.IsZero() {
		t.Shown = w.Clock.Now()
	}
}
