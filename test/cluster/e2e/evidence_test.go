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

// TestLastWords tells what the undone containers wrote last, without the secrets
// in it, and keeps it where undog explain finds it when the pods are gone.
func TestLastWords(t *testing.T) {
	r := begin(t, "", 2)
	r.change(func(c *corev1.Container) {
		c.Image, c.Args = goodImage, []string{"exit", "--code=3", `--says=reading the configuration\nconnecting to postgres://shop:hunter2@db/shop with password=s3same\nno route to host`}
	})
	bad := r.undone("CrashLoop")
	if len(bad.Data.Captured) == 0 {
		t.Fatalf("the verdict has nothing of what the containers showed last: %+v", bad.Data)
	}
	for _, c := range bad.Data.Captured {
		told := strings.Join(c.Lines, "\n")
		if c.Container != "app" || !strings.Contains(c.State, "exited with code 3") || c.Problem != "" {
			t.Errorf("of the container is told: %+v", c)
		}
		if !strings.Contains(told, "reading the configuration\nconnecting to postgres://") || !strings.HasSuffix(told, "no route to host\ntestapp: exiting with code 3, as told") {
			t.Errorf("its log is told as\n%s", told)
		}
		if strings.Contains(told, "hunter2") || strings.Contains(told, "s3same") {
			t.Errorf("its log is told with its secrets:\n%s", told)
		}
	}
	r.recovered()
	r.answers([]string{"history"}, "no route to host")
	r.answers([]string{"explain", "--server", r.undog.HTTP}, "no route to host")
}
