//go:build e2e

package e2e_test

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// deployment is a healthy workload with real HTTP probes.
func deployment(replicas int32) *appsv1.Deployment {
	labels := map[string]string{"app": "shop"}
	probe := &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{
		HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(8080)},
	}}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "shop"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					TerminationGracePeriodSeconds: new(int64(1)),
					Containers:                    []corev1.Container{{Name: "app", Image: goodImage, ImagePullPolicy: corev1.PullIfNotPresent, ReadinessProbe: probe}},
				},
			},
		},
	}
}

// TestExitAtStart undoes a release whose container exits at start: at its
// third exit, which the kubelet's back-off puts at about 15 s, and before the fourth.
func TestExitAtStart(t *testing.T) {
	for _, replicas := range []int32{2, 8} {
		t.Run(fmt.Sprintf("%d replicas", replicas), func(t *testing.T) {
			r := begin(t, fmt.Sprintf("exits at start, %d replicas", replicas), replicas)
			r.change(func(c *corev1.Container) { c.Image = badImage })
			r.undone("CrashLoop")
			if r.exits != 3 {
				t.Errorf("the undo came when a pod had exited %d times, want 3", r.exits)
			}
			r.recovered()
		})
	}
}

// TestCommandDoesNotExist undoes a release whose command is not in its image.
func TestCommandDoesNotExist(t *testing.T) {
	r := begin(t, "command does not exist, 2 replicas", 2)
	r.change(func(c *corev1.Container) { c.Command = []string{"/no-such-program"} })
	r.undone("CannotStart")
	if r.exits > 2 {
		t.Errorf("the undo came when a pod had failed to start %d times, want 2 at most", r.exits)
	}
	r.recovered()
}

// TestGoodRelease leaves a good release alone, and finds it good.
func TestGoodRelease(t *testing.T) {
	r := begin(t, "", 2)
	r.change(func(c *corev1.Container) { c.Env = []corev1.EnvVar{{Name: "VERSION", Value: "1.2"}} })
	r.await("verdict.good")
	r.untouched()
}

// TestImageDoesNotExist undoes a release whose image the registry does not have,
// at the second true attempt to pull it.
func TestImageDoesNotExist(t *testing.T) {
	r := begin(t, "image does not exist, 2 replicas", 2)
	r.change(func(c *corev1.Container) { c.Image = "undog.test/app:9.9" })
	r.undone("ImageNotFound")
	r.recovered()
}
