package watcher

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/policy"
)

// realName makes names as long as real ones.
// realName is that of a pod, realOwner that of its ReplicaSet.
func realName(i int) string { return fmt.Sprintf("%s-%05d", realOwner(i/10), i%100000) }

func realOwner(i int) string { return fmt.Sprintf("checkout-service-%08x", i) }

func realUID(kind, i int) types.UID {
	return types.UID(fmt.Sprintf("%08x-5f2b-4d0a-9a55-%012x", kind, i))
}

// healthyPod is the i-th pod of a cluster with ten pods to a ReplicaSet.
func healthyPod(i int) *corev1.Pod {
	p := podOf(string(realUID(1, i/10)), realName(i))
	p.OwnerReferences[0].Name = realOwner(i / 10)
	p.UID, p.ResourceVersion = realUID(2, i), strconv.Itoa(1_000_000+i)
	p.Spec.NodeName = fmt.Sprintf("node-%d.example", i%500)
	running(second(1))(p)
	ready(true, second(3))(p)
	p.Status.ContainerStatuses[0].Ready = true
	p.Status.ContainerStatuses[0].ImageID = fmt.Sprintf("registry.example/web@sha256:%064x", i/10)
	return p
}

// BenchmarkApplyPod is one pod flapping in a revision of 5,000, and what is
// taken of it.
func BenchmarkApplyPod(b *testing.B) {
	for _, size := range []int{10, 5000} {
		b.Run(fmt.Sprintf("pods=%d", size), func(b *testing.B) {
			s := NewState(Options{})
			s.ApplyDeployment(epoch, deployment("web"))
			s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
			for i := range size {
				s.ApplyPod(epoch, with(podOf("rs-web", strconv.Itoa(i)), running(second(1)), ready(true, second(2))))
			}
			p := with(podOf("rs-web", "0"), running(second(1)))
			down, up := with(p, ready(false, second(10))), with(p, ready(true, second(10)))
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				p := up
				if i%2 == 0 {
					p = down
				}
				p.ResourceVersion = strconv.Itoa(10 + i)
				setCondition(p, corev1.PodReady, i%2 != 0, second(10+i))
				s.ApplyPod(second(10+i), p)
				if s.Take(second(10+i), 0) == nil {
					b.Fatal("nothing to take")
				}
			}
		})
	}
}

// BenchmarkApplyFailingPod is one pod crashing on and on in a revision of
// which every pod does.
func BenchmarkApplyFailingPod(b *testing.B) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	for i := range 5000 {
		s.ApplyPod(epoch, with(podOf("rs-web", strconv.Itoa(i)), running(second(1)), exited(second(2), 1)))
	}
	p := with(podOf("rs-web", "0"), running(second(1)), exited(second(2), 1))
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		p.ResourceVersion = strconv.Itoa(10 + i)
		p.Status.ContainerStatuses[0].RestartCount = int32(1 + i)
		s.ApplyPod(second(10+i), p)
		if s.Take(second(10+i), 0) == nil {
			b.Fatal("nothing to take")
		}
	}
}

// BenchmarkApplyPodBesideHosts is one pod of a new revision flapping after
// another had an incident, beside an old revision of healthy pods.
func BenchmarkApplyPodBesideHosts(b *testing.B) {
	for _, size := range []int{10, 5000} {
		b.Run(fmt.Sprintf("pods=%d", size), func(b *testing.B) {
			s := NewState(Options{})
			s.ApplyDeployment(epoch, deployment("web"))
			s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
			s.ApplyReplicaSet(epoch, replicaSet("web", "rs-old", 2))
			for i := range size {
				p := with(podOf("rs-old", strconv.Itoa(i)), running(second(1)), ready(true, second(2)))
				p.Spec.NodeName = fmt.Sprintf("node-%d", i%50)
				s.ApplyPod(epoch, p)
			}
			bad := with(podOf("rs-web", "bad"), running(second(1)))
			s.ApplyPod(second(2), bad)
			s.ApplyPod(second(3), with(bad, exited(second(3), 1)))
			p := with(podOf("rs-web", "x"), running(second(1)))
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				p.ResourceVersion = strconv.Itoa(10 + i)
				setCondition(p, corev1.PodReady, i%2 != 0, second(10+i))
				s.ApplyPod(second(10+i), p)
				in := s.Take(second(10+i), 0)
				if o, ok := in[0].(*policy.Observation); !ok || len(o.Hosts) == 0 {
					b.Fatal("no hosts")
				}
			}
		})
	}
}

// BenchmarkNodeFlips is a node of 100 pods that comes and goes among 5,000 pods.
func BenchmarkNodeFlips(b *testing.B) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	for i := range 5000 {
		p := with(podOf("rs-web", strconv.Itoa(i)), running(second(1)), ready(true, second(2)))
		p.Spec.NodeName = fmt.Sprintf("node-%d", i%50)
		s.ApplyPod(epoch, p)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		s.ApplyNode(second(i), nodeOf("node-7", i%2 == 0, second(i)))
		if s.Take(second(i), 0) == nil {
			b.Fatal("nothing to take")
		}
	}
}

// BenchmarkReduceReplicaSet is dominated by the hash of the template.
func BenchmarkReduceReplicaSet(b *testing.B) {
	rs := replicaSet("web", "rs-web", 1)
	for i := range 12 {
		rs.Spec.Template.Spec.Containers[0].Env = append(rs.Spec.Template.Spec.Containers[0].Env,
			corev1.EnvVar{Name: fmt.Sprintf("VARIABLE_%d", i), Value: strings.Repeat("v", 20)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if reduceReplicaSet(rs).template.String() == "" {
			b.Fatal("no hash")
		}
	}
}

// BenchmarkBytesPerPod reports what a healthy pod costs, its ReplicaSet's share
// left out.
func BenchmarkBytesPerPod(b *testing.B) {
	const n = 50_000
	for range b.N {
		s := NewState(Options{})
		before := heapBytes()
		for i := range n {
			s.ApplyPod(epoch, healthyPod(i))
		}
		b.ReportMetric(float64(heapBytes()-before)/n, "bytes/pod")
		runtime.KeepAlive(s)
	}
}

// BenchmarkBytesPerOldReplicaSet reports what a ReplicaSet without pods costs.
func BenchmarkBytesPerOldReplicaSet(b *testing.B) {
	const n = 20_000
	for range b.N {
		s := NewState(Options{})
		before := heapBytes()
		for i := range n {
			rs := replicaSet("web", string(realUID(1, i)), i%10)
			rs.Name, rs.OwnerReferences[0].Name = realOwner(i), "checkout-service"
			rs.Labels["pod-template-hash"] = strings.TrimPrefix(rs.Name, "checkout-service-")
			rs.OwnerReferences[0].UID = realUID(3, i/10)
			rs.Spec.Template.Spec.Containers[0].Image = fmt.Sprintf("registry.example/team/checkout-service:v1.%d", i)
			rs.CreationTimestamp = metav1.NewTime(epoch.Add(-time.Hour))
			s.ApplyReplicaSet(epoch, rs)
		}
		b.ReportMetric(float64(heapBytes()-before)/n, "bytes/replicaset")
		runtime.KeepAlive(s)
	}
}

func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
