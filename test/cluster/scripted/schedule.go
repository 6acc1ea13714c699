package scripted

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

// The reasons of kube-scheduler's plugins.
const (
	reasonSelector      = "node(s) didn't match Pod's node affinity/selector"
	reasonTaint         = "node(s) had untolerated taint(s)"
	reasonCordoned      = "node(s) were unschedulable"
	reasonTooManyPods   = "Too many pods"
	reasonNoPreemption  = "Preemption is not helpful for scheduling"
	reasonNoVictims     = "No preemption victims found for incoming pod"
	defaultScheduler    = "default-scheduler"
	conditionReasonFits = "Unschedulable"
)

// scheduler places pods on the nodes of the cluster, fewest pods first.
type scheduler struct {
	nodes cache.Store
	mu    sync.Mutex
	load  map[string]*load     // By node.
	where map[string]placement // By the pod's namespace/name.
}

type load struct {
	pods        int
	cpu, memory int64
}

type placement struct {
	node        string
	cpu, memory int64
}

func newScheduler(nodes cache.Store) *scheduler {
	return &scheduler{nodes: nodes, load: map[string]*load{}, where: map[string]placement{}}
}

// schedule binds a pending pod, or says why it cannot.
func (k *Kubelet) schedule(ctx context.Context, pod *v1.Pod) (time.Time, error) {
	if pod.DeletionTimestamp != nil || len(pod.Spec.SchedulingGates) > 0 || pod.Spec.SchedulerName != defaultScheduler {
		return time.Time{}, nil
	}
	name, problem := k.scheduler.place(pod)
	if problem != "" {
		return time.Now().Add(scheduleRetry), k.unschedulable(ctx, pod, problem)
	}
	err := k.client.CoreV1().Pods(pod.Namespace).Bind(ctx, &v1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		Target:     v1.ObjectReference{Kind: "Node", Name: name},
	}, metav1.CreateOptions{})
	switch {
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		// It is gone, or was bound already and the watch will say so.
		return time.Time{}, nil
	case err != nil:
		k.scheduler.release(pod.Namespace + "/" + pod.Name)
		return time.Time{}, fmt.Errorf("bind pod: %w", err)
	}
	k.recorder.Eventf(pod, v1.EventTypeNormal, "Scheduled", "Successfully assigned %s/%s to %s", pod.Namespace, pod.Name, name)
	return time.Time{}, nil
}

func (k *Kubelet) unschedulable(ctx context.Context, pod *v1.Pod, message string) error {
	for _, c := range pod.Status.Conditions {
		if c.Type == v1.PodScheduled && c.Message == message {
			return nil
		}
	}
	k.recorder.Event(pod, v1.EventTypeWarning, "FailedScheduling", message)
	status := withCondition(pod.Status, v1.PodCondition{
		Type: v1.PodScheduled, Status: v1.ConditionFalse, Reason: conditionReasonFits, Message: message,
		LastTransitionTime: metav1.Now(), ObservedGeneration: pod.Generation,
	})
	_, err := k.patchStatus(ctx, pod, status)
	return err
}

// place chooses a node and counts the pod there, or returns the message of a
// scheduler that found none.
func (s *scheduler) place(pod *v1.Pod) (name, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, known := s.where[pod.Namespace+"/"+pod.Name]; known {
		return at.node, ""
	}
	total := 0
	reasons, preemption := map[string]int{}, map[string]int{}
	var fitting []string
	for _, obj := range s.nodes.List() {
		n := obj.(*v1.Node)
		total++
		why, fits := s.fit(pod, n)
		if len(why) == 0 {
			fitting = append(fitting, n.Name)
			continue
		}
		for _, reason := range why {
			reasons[reason]++
		}
		if fits {
			preemption[reasonNoVictims]++
		} else {
			preemption[reasonNoPreemption]++
		}
	}
	if len(fitting) == 0 {
		return "", unfit(total, reasons) + " preemption: " + unfit(total, preemption)
	}
	name = slices.MinFunc(fitting, func(a, b string) int {
		return cmp.Or(cmp.Compare(s.of(a).pods, s.of(b).pods), cmp.Compare(a, b))
	})
	s.count(pod, name)
	return name, ""
}

// unfit words a histogram of reasons as kube-scheduler does.
func unfit(total int, reasons map[string]int) string {
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		parts = append(parts, fmt.Sprintf("%d %s", reasons[reason], reason))
	}
	slices.Sort(parts)
	text := fmt.Sprintf("0/%d nodes are available:", total)
	if len(parts) > 0 {
		text += " " + strings.Join(parts, ", ") + "."
	}
	return text
}

// fit returns why the pod does not fit, and whether only resources are short.
func (s *scheduler) fit(pod *v1.Pod, n *v1.Node) (why []string, resources bool) {
	switch {
	case n.Spec.Unschedulable:
		return []string{reasonCordoned}, false
	case !tolerated(pod, n):
		return []string{reasonTaint}, false
	case !labels.SelectorFromSet(pod.Spec.NodeSelector).Matches(labels.Set(n.Labels)):
		return []string{reasonSelector}, false
	}
	cpu, memory := requests(pod)
	at := s.of(n.Name)
	if at.pods+1 > int(n.Status.Allocatable.Pods().Value()) {
		why = append(why, reasonTooManyPods)
	}
	if at.cpu+cpu > n.Status.Allocatable.Cpu().MilliValue() {
		why = append(why, "Insufficient cpu")
	}
	if at.memory+memory > n.Status.Allocatable.Memory().Value() {
		why = append(why, "Insufficient memory")
	}
	return why, true
}

func tolerated(pod *v1.Pod, n *v1.Node) bool {
	for i := range n.Spec.Taints {
		taint := &n.Spec.Taints[i]
		if taint.Effect != v1.TaintEffectPreferNoSchedule && toleration(pod, taint) == nil {
			return false
		}
	}
	return true
}

// toleration is the pod's toleration of the taint, or nil.
func toleration(pod *v1.Pod, taint *v1.Taint) *v1.Toleration {
	for i := range pod.Spec.Tolerations {
		t := &pod.Spec.Tolerations[i]
		if (t.Effect == "" || t.Effect == taint.Effect) && (t.Key == "" || t.Key == taint.Key) &&
			(t.Operator == v1.TolerationOpExists || t.Value == taint.Value) {
			return t
		}
	}
	return nil
}

func requests(pod *v1.Pod) (cpu, memory int64) {
	var totalCPU, totalMemory resource.Quantity
	for i := range pod.Spec.Containers {
		totalCPU.Add(*pod.Spec.Containers[i].Resources.Requests.Cpu())
		totalMemory.Add(*pod.Spec.Containers[i].Resources.Requests.Memory())
	}
	return totalCPU.MilliValue(), totalMemory.Value()
}

// assign counts a pod that is bound, by whomever.
func (s *scheduler) assign(pod *v1.Pod, node string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := pod.Namespace + "/" + pod.Name
	if terminal(pod) {
		s.drop(key)
		return
	}
	if _, known := s.where[key]; !known {
		s.count(pod, node)
	}
}

// release forgets the pod of that namespace and name.
func (s *scheduler) release(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(key)
}

func (s *scheduler) count(pod *v1.Pod, node string) {
	cpu, memory := requests(pod)
	at := s.of(node)
	at.pods++
	at.cpu += cpu
	at.memory += memory
	s.where[pod.Namespace+"/"+pod.Name] = placement{node: node, cpu: cpu, memory: memory}
}

func (s *scheduler) drop(key string) {
	if p, known := s.where[key]; known {
		at := s.of(p.node)
		at.pods--
		at.cpu -= p.cpu
		at.memory -= p.memory
		delete(s.where, key)
	}
}

func (s *scheduler) of(node string) *load {
	if s.load[node] == nil {
		s.load[node] = &load{}
	}
	return s.load[node]
}
