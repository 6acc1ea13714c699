package stage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
)

// The reasons of kube-scheduler's plugins.
const (
	reasonSelector     = "node(s) didn't match Pod's node affinity/selector"
	reasonTaint        = "node(s) had untolerated taint(s)"
	reasonCordoned     = "node(s) were unschedulable"
	reasonTooManyPods  = "Too many pods"
	reasonNoPreemption = "Preemption is not helpful for scheduling"
	reasonNoVictims    = "No preemption victims found for incoming pod"
)

// Scheduler places pods on the nodes of the cluster, fewest pods first. It is
// safe for use by several goroutines.
type Scheduler struct {
	nodes func() []*v1.Node
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

// NewScheduler places pods on the nodes that the function lists.
func NewScheduler(nodes func() []*v1.Node) *Scheduler {
	return &Scheduler{nodes: nodes, load: map[string]*load{}, where: map[string]placement{}}
}

// Place chooses a node and counts the pod there, or returns the message of a
// scheduler that found none.
func (s *Scheduler) Place(pod *v1.Pod) (name, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, known := s.where[pod.Namespace+"/"+pod.Name]; known {
		return at.node, ""
	}
	total := 0
	reasons, preemption := map[string]int{}, map[string]int{}
	var fitting []string
	for _, n := range s.nodes() {
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
func (s *Scheduler) fit(pod *v1.Pod, n *v1.Node) (why []string, resources bool) {
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
		if taint.Effect != v1.TaintEffectPreferNoSchedule && Toleration(pod, taint) == nil {
			return false
		}
	}
	return true
}

// Toleration is the pod's toleration of the taint, or nil.
func Toleration(pod *v1.Pod, taint *v1.Taint) *v1.Toleration {
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

// Assign counts a pod that is bound, by whomever.
func (s *Scheduler) Assign(pod *v1.Pod, node string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := pod.Namespace + "/" + pod.Name
	if pod.Status.Phase == v1.PodFailed || pod.Status.Phase == v1.PodSucceeded {
		s.drop(key)
		return
	}
	if _, known := s.where[key]; !known {
		s.count(pod, node)
	}
}

// Release forgets the pod of that namespace and name.
func (s *Scheduler) Release(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(key)
}

func (s *Scheduler) count(pod *v1.Pod, node string) {
	cpu, memory := requests(pod)
	at := s.of(node)
	at.pods++
	at.cpu += cpu
	at.memory += memory
	s.where[pod.Namespace+"/"+pod.Name] = placement{node: node, cpu: cpu, memory: memory}
}

func (s *Scheduler) drop(key string) {
	if p, known := s.where[key]; known {
		at := s.of(p.node)
		at.pods--
		at.cpu -= p.cpu
		at.memory -= p.memory
		delete(s.where, key)
	}
}

func (s *Scheduler) of(node string) *load {
	if s.load[node] == nil {
		s.load[node] = &load{}
	}
	return s.load[node]
}
