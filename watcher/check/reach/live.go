package reach

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ErrUnfit says that a pod is not to be asked now: it is gone, another one of
// its name, going, or not ready.
var ErrUnfit = errors.New("not to be asked")

// Pod says which pod is meant.
type Pod struct {
	Namespace, Name string
	// UID and Owner, that of its ReplicaSet, must be as known; empty is any.
	UID, Owner string
}

// readTimeout is for reading one pod.
const readTimeout = 5 * time.Second

// Live reads the pod as it is now. The error is ErrUnfit if it is not to be
// asked, and any other if that could not be told.
func (r *Reach) Live(ctx context.Context, want Pod) (*corev1.Pod, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	pod, err := r.o.Pods.Pods(want.Namespace).Get(ctx, want.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, fmt.Errorf("pod %s is %w: it is gone", want.Name, ErrUnfit)
	case err != nil:
		return nil, fmt.Errorf("read pod %s: %w", want.Name, err)
	}
	if why := unfit(pod, want); why != "" {
		return nil, fmt.Errorf("pod %s is %w: %s", want.Name, ErrUnfit, why)
	}
	return pod, nil
}

// Leaving tells whether a pod is gone or on its way out by now: the API server
// knows before the pod does, so what it failed to answer until then says nothing.
func (r *Reach) Leaving(ctx context.Context, want Pod) bool {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	pod, err := r.o.Pods.Pods(want.Namespace).Get(ctx, want.Name, metav1.GetOptions{})
	if err != nil {
		return apierrors.IsNotFound(err)
	}
	return pod.DeletionTimestamp != nil || want.UID != "" && string(pod.UID) != want.UID
}

// unfit says why a pod is not to be asked, or nothing.
func unfit(pod *corev1.Pod, want Pod) string {
	owner := metav1.GetControllerOfNoCopy(pod)
	switch {
	case want.UID != "" && string(pod.UID) != want.UID:
		return "it is another one of that name"
	case want.Owner != "" && (owner == nil || string(owner.UID) != want.Owner):
		return "it belongs to another revision"
	case pod.DeletionTimestamp != nil:
		return "it is being terminated"
	case pod.Status.Phase != corev1.PodRunning:
		return "it does not run"
	case !ready(pod):
		return "it is not ready"
	}
	return ""
}

func ready(pod *corev1.Pod) bool {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// portOf finds the port: by its number, by its name, or the first.
func portOf(pod *corev1.Pod, port string) (int, error) {
	if n, err := strconv.Atoi(port); err == nil {
		if n < 1 || n > 65535 {
			return 0, fmt.Errorf("port %d is not one of 1 to 65535", n)
		}
		return n, nil
	}
	var named []string
	for _, p := range ports(pod) {
		if p.Protocol != "" && p.Protocol != corev1.ProtocolTCP {
			continue
		}
		if port == "" || p.Name == port {
			return int(p.ContainerPort), nil
		}
		if p.Name != "" {
			named = append(named, p.Name)
		}
	}
	switch {
	case port == "":
		return 0, fmt.Errorf("pod %s declares no port; give the check a port number", pod.Name)
	case len(named) == 0:
		return 0, fmt.Errorf("pod %s has no port called %s, nor any with a name; give the check a port number", pod.Name, port)
	}
	return 0, fmt.Errorf("pod %s has no port called %s; it has %s", pod.Name, port, strings.Join(named[:min(len(named), 8)], ", "))
}

// ports are those of the containers, and of sidecars after them.
func ports(pod *corev1.Pod) []corev1.ContainerPort {
	var all []corev1.ContainerPort
	for i := range pod.Spec.Containers {
		all = append(all, pod.Spec.Containers[i].Ports...)
	}
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			all = append(all, c.Ports...)
		}
	}
	return all
}
