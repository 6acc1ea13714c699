//go:build e2e

package e2e_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// TestLivenessProbe undoes a release whose probe has the kubelet end its
// container again and again. That it was the probe is only in Events.
func TestLivenessProbe(t *testing.T) {
	r := begin(t, "liveness probe fails, 2 replicas", 2)
	r.change(func(c *corev1.Container) {
		c.LivenessProbe = &corev1.Probe{PeriodSeconds: 1, FailureThreshold: 1, ProbeHandler: corev1.ProbeHandler{
			HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(8081)},
		}}
	})
	bad := r.undone("LivenessKilled")
	var told strings.Builder
	for _, f := range bad.Data.Failures {
		told.WriteString(f.Message)
	}
	if !strings.Contains(told.String(), "Liveness probe failed: ") || !strings.Contains(told.String(), ":8081/healthz") {
		t.Errorf("the evidence says %q, want the probe's own words", told.String())
	}
	r.recovered()
}

// TestConfigMapMissingInAVolume undoes a release whose pods cannot mount a
// volume. The pods themselves only say that they are being created.
func TestConfigMapMissingInAVolume(t *testing.T) {
	r := begin(t, "ConfigMap of a volume is missing, 2 replicas", 2)
	r.release(func(spec *corev1.PodSpec) {
		spec.Volumes = []corev1.Volume{{Name: "settings", VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "absent"}},
		}}}
		spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "settings", MountPath: "/settings"}}
	})
	bad := r.undone("MissingConfig")
	if !strings.Contains(bad.Data.Message, `configmap "absent" not found`) {
		t.Errorf("the verdict says %q, want the ConfigMap that is missing", bad.Data.Message)
	}
	r.recovered()
}

// TestInitContainerFails undoes a release whose pods never come to run their
// container.
func TestInitContainerFails(t *testing.T) {
	r := begin(t, "init container exits, 2 replicas", 2)
	r.release(func(spec *corev1.PodSpec) {
		spec.InitContainers = []corev1.Container{{
			Name: "prepare", Image: goodImage, ImagePullPolicy: corev1.PullIfNotPresent, Args: []string{"exit", "--code=4"},
		}}
	})
	bad := r.undone("CrashLoop")
	if !strings.Contains(bad.Data.Message, "container prepare exited with code 4") {
		t.Errorf("the verdict says %q, want the init container", bad.Data.Message)
	}
	r.recovered()
}
