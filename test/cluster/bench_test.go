package cluster_test

import (
	"context"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// benchPods is one namespace's worth of the cluster loader's standard load.
const benchPods = 1000

// BenchmarkRollout measures how fast pods are created, bound and made ready by
// the real controllers and the scripted kubelet together.
func BenchmarkRollout(b *testing.B) {
	for range b.N {
		ns := &v1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "bench-"}}
		ns, err := client.CoreV1().Namespaces().Create(b.Context(), ns, metav1.CreateOptions{})
		if err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		replicas := int32(benchPods)
		labels := map[string]string{"app": "web"}
		_, err = client.AppsV1().Deployments(ns.Name).Create(b.Context(), &appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Name: "web"},
			Spec: appsv1.DeploymentSpec{
				Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels},
				Template: v1.PodTemplateSpec{
					ObjectMeta: metav1.ObjectMeta{Labels: labels},
					Spec:       v1.PodSpec{Containers: []v1.Container{{Name: "app", Image: "example.com/web:v1"}}},
				},
			},
		}, metav1.CreateOptions{})
		if err != nil {
			b.Fatal(err)
		}
		settle(b, "available", func(ctx context.Context) (bool, error) {
			d, err := client.AppsV1().Deployments(ns.Name).Get(ctx, "web", metav1.GetOptions{})
			return err == nil && d.Status.AvailableReplicas == replicas, err
		})
		b.ReportMetric(benchPods/time.Since(begun).Seconds(), "pods/s")
		begun = time.Now()
		if err := client.CoreV1().Namespaces().Delete(b.Context(), ns.Name, metav1.DeleteOptions{}); err != nil {
			b.Fatal(err)
		}
		settle(b, "gone", func(ctx context.Context) (bool, error) {
			_, err := client.CoreV1().Namespaces().Get(ctx, ns.Name, metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return true, nil
			}
			return false, err
		})
		b.ReportMetric(benchPods/time.Since(begun).Seconds(), "deletes/s")
	}
}

func settle(b *testing.B, what string, condition wait.ConditionWithContextFunc) {
	b.Helper()
	if err := wait.PollUntilContextTimeout(b.Context(), poll, 5*time.Minute, true, condition); err != nil {
		b.Fatalf("wait until all are %s: %v", what, err)
	}
}
