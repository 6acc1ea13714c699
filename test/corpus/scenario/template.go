package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	utiljson "sigs.k8s.io/json"

	"github.com/undog-dev/undog/test/script"
)

// The labels of every pod.
const (
	LabelApp     = "app"
	LabelVersion = "app.kubernetes.io/version"
)

// Template is the pod template of a revision.
func (w *Workload) Template(revision string) (*corev1.PodTemplateSpec, error) {
	r, known := w.Revisions[revision]
	if !known {
		return nil, fmt.Errorf("workload %s has no revision %q", w.Name, revision)
	}
	t := w.base(revision, r)
	raw, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("encode template: %w", err)
	}
	for _, patch := range []map[string]any{w.Patch, r.Patch} {
		if len(patch) == 0 {
			continue
		}
		p, err := jsonOf(patch)
		if err != nil {
			return nil, err
		}
		if raw, err = strategicpatch.StrategicMergePatch(raw, p, corev1.PodTemplateSpec{}); err != nil {
			return nil, fmt.Errorf("patch the template of revision %s: %w", revision, err)
		}
	}
	var out corev1.PodTemplateSpec
	strict, err := utiljson.UnmarshalStrict(raw, &out)
	if err = errors.Join(append(strict, err)...); err != nil {
		return nil, fmt.Errorf("patch the template of revision %s: %w", revision, err)
	}
	return &out, nil
}

// base is the pod template before it is patched.
func (w *Workload) base(name string, r Revision) *corev1.PodTemplateSpec {
	version, image := w.version(name), r.Image
	if r.Like != "" && image == "" {
		image = w.Revisions[r.Like].Image
	}
	if image == "" {
		image = "registry.example/" + w.Name + ":" + version
	}
	return &corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{LabelApp: w.Name, LabelVersion: version}},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyAlways, SchedulerName: corev1.DefaultSchedulerName,
			Containers: []corev1.Container{{
				Name: "app", Image: image, ImagePullPolicy: corev1.PullIfNotPresent,
				Ports: []corev1.ContainerPort{{ContainerPort: 8080, Protocol: corev1.ProtocolTCP}},
				ReadinessProbe: &corev1.Probe{
					ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
						Path: "/ready", Port: intstr.FromInt32(8080), Scheme: corev1.URISchemeHTTP,
					}},
					PeriodSeconds: 5, TimeoutSeconds: 1, SuccessThreshold: 1, FailureThreshold: 3,
				},
			}},
		},
	}
}

// version is the revision's label.
func (w *Workload) version(name string) string {
	if like := w.Revisions[name].Like; like != "" {
		return like
	}
	return name
}

// Script is what the pods of all workloads play from the beginning.
func (s *Scenario) Script(seed uint64) *script.Script {
	out := &script.Script{Seed: seed}
	for i := range s.Workloads {
		w := &s.Workloads[i]
		for _, name := range sorted(w.Revisions) {
			if w.Revisions[name].Like != "" {
				continue
			}
			for _, p := range w.Revisions[name].Plays {
				out.Rules = append(out.Rules, rule(p, w.Name, name))
			}
		}
	}
	out.Rules = append(out.Rules, wellBehaved)
	return out
}

// wellBehaved is what containers do of which nothing is said.
var wellBehaved = script.Rule{Name: "well-behaved", Play: script.Play{
	Start: script.For(time.Second), Jitter: jitter, Ready: &script.Ready{After: script.For(3 * time.Second)},
}}

// jitter is how much all durations vary that do not say it themselves: pods
// are never in step.
const jitter = 0.2

// Script is what a step's plays are on the scripted kubelet.
func (s *Step) Script(seed uint64) *script.Script {
	out := &script.Script{Seed: seed}
	for _, p := range s.Plays {
		out.Rules = append(out.Rules, rule(p.Play, p.Workload, p.Revision))
	}
	return out
}

func rule(p Play, workload, revision string) script.Rule {
	r := script.Rule{
		Name: workload + " " + revision, Per: p.Per, Play: p.Play,
		Match: script.Match{Container: p.Container, Ordinals: p.Ordinals, Node: p.Node, Chance: p.Chance, Labels: map[string]string{}},
	}
	if r.Play.Jitter == 0 {
		r.Play.Jitter = jitter
	}
	if workload != "" && workload != "*" {
		r.Match.Labels[LabelApp] = workload
	}
	if revision != "" && revision != "*" {
		r.Match.Labels[LabelVersion] = revision
	}
	return r
}
