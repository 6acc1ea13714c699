package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// exits prints what the pods of a revision show, as the API server tells it,
// until ctx ends.
func exits(ctx context.Context, s *stage, hash string, began time.Time) error {
	w, err := s.client.CoreV1().Pods(namespace).Watch(ctx, metav1.ListOptions{LabelSelector: "pod-template-hash=" + hash})
	if err != nil {
		return fmt.Errorf("watch the new pods: %w", err)
	}
	go func() {
		defer w.Stop()
		shown := map[string]bool{}
		for e := range w.ResultChan() {
			if pod, ok := e.Object.(*corev1.Pod); ok && e.Type != watch.Deleted {
				show(pod, shown, began)
			}
		}
	}()
	return nil
}

// show prints what is new about a pod.
func show(pod *corev1.Pod, shown map[string]bool, began time.Time) {
	for _, c := range pod.Status.ContainerStatuses {
		end := c.State.Terminated
		exits := c.RestartCount + 1
		if end == nil && c.LastTerminationState.Terminated != nil {
			end = c.LastTerminationState.Terminated
			if c.State.Running != nil {
				exits--
			}
		}
		if end != nil {
			once(shown, fmt.Sprintf("%s/%d", pod.Name, exits), func() {
				fmt.Printf("  %s pod %s: container %s exited with code %d, time %d\n", since(began), pod.Name, c.Name, end.ExitCode, exits)
			})
		}
		if wait := c.State.Waiting; wait != nil && wait.Reason == "CrashLoopBackOff" {
			once(shown, fmt.Sprintf("%s/back-off %d", pod.Name, exits), func() {
				fmt.Printf("  %s pod %s: %s\n", since(began), pod.Name, wait.Reason)
			})
		}
	}
}

func once(shown map[string]bool, key string, f func()) {
	if !shown[key] {
		shown[key] = true
		f()
	}
}
