//go:build e2e

package e2e_test

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// watch is told of every pod and of the Deployment as they are and change,
// one at a time, until it has seen enough.
func (w *welcome) watch(enough func(*corev1.Pod, *appsv1.Deployment) bool) {
	w.t.Helper()
	pods, err := shared.client.CoreV1().Pods(w.namespace).Watch(w.ctx, metav1.ListOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer pods.Stop()
	deployments, err := shared.client.AppsV1().Deployments(w.namespace).Watch(w.ctx, metav1.ListOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer deployments.Stop()
	for {
		var e watch.Event
		open := true
		select {
		case e, open = <-pods.ResultChan():
		case e, open = <-deployments.ResultChan():
		case <-w.ctx.Done():
			open = false
		}
		if !open {
			w.t.Fatalf("the watch ended (%v) before what the test waits for", w.ctx.Err())
		}
		if e.Type == watch.Deleted {
			continue
		}
		pod, _ := e.Object.(*corev1.Pod)
		deployment, _ := e.Object.(*appsv1.Deployment)
		if enough(pod, deployment) {
			return
		}
	}
}

// complete waits until all pods are those of the revision with this number and
// available. Its pods are made ready where they wait for it.
func (w *welcome) complete(number int, of string) {
	w.t.Helper()
	w.watch(func(p *corev1.Pod, d *appsv1.Deployment) bool {
		if p != nil {
			_ = imageOf(p) == of && w.touch(p)
			return false
		}
		s := d.Status
		return d.Annotations["deployment.kubernetes.io/revision"] == strconv.Itoa(number) && s.ObservedGeneration >= d.Generation &&
			s.UpdatedReplicas == *d.Spec.Replicas && s.AvailableReplicas == s.UpdatedReplicas && s.Replicas == s.UpdatedReplicas
	})
}

// touch makes a running pod ready that waits for it and serves, as a careful
// person would, and says whether it did.
func (w *welcome) touch(p *corev1.Pod) bool {
	w.t.Helper()
	gated := p.Spec.Containers[0].ReadinessProbe != nil
	if !gated || w.touched[p.Name] || !isRunning(p) || p.DeletionTimestamp != nil {
		return false
	}
	w.touched[p.Name] = true
	if err := w.serves(p); err != nil {
		w.t.Fatal(err)
	}
	w.kubectl("exec", p.Name, "--", "touch", "/tmp/ready")
	return true
}

func imageOf(p *corev1.Pod) string { return p.Spec.Containers[0].Image }

func isRunning(p *corev1.Pod) bool {
	return len(p.Status.ContainerStatuses) > 0 && p.Status.ContainerStatuses[0].State.Running != nil
}

func isReady(p *corev1.Pod) bool {
	return isRunning(p) && p.Status.ContainerStatuses[0].Ready
}
