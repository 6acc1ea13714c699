package watcher

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// realDeployment is the i-th Deployment of a cluster, as a controller leaves it
// when all is well.
func realDeployment(i int) *appsv1.Deployment {
	d := deployment("web")
	d.Namespace, d.Name = fmt.Sprintf("namespace-%d", i/200), fmt.Sprintf("checkout-service-%d", i)
	d.UID, d.ResourceVersion = realUID(3, i), strconv.Itoa(1_000_000+i)
	d.Labels = map[string]string{"app.kubernetes.io/name": d.Name, "team": "shop"}
	at := metav1.NewTime(epoch.Add(-time.Hour))
	d.CreationTimestamp = at
	d.Status.Conditions = []appsv1.DeploymentCondition{{
		Type: appsv1.DeploymentAvailable, Status: "True", Reason: "MinimumReplicasAvailable",
	}, {
		Type: appsv1.DeploymentProgressing, Status: "True", Reason: "NewReplicaSetAvailable", LastUpdateTime: at, LastTransitionTime: at,
		Message: fmt.Sprintf("ReplicaSet \"%s-5f7c8d9b4c\" has successfully progressed.", d.Name),
	}}
	return d
}

// realReplicaSet is the n-th revision of the i-th Deployment. The newest has
// its template.
func realReplicaSet(i, n, newest int) *appsv1.ReplicaSet {
	d := realDeployment(i)
	rs := replicaSet("web", string(realUID(1, i*16+n)), n)
	rs.Namespace, rs.Name = d.Namespace, fmt.Sprintf("%s-%08x%02x", d.Name, i, n)
	rs.OwnerReferences[0].Name, rs.OwnerReferences[0].UID = d.Name, d.UID
	rs.Labels["pod-template-hash"] = strings.TrimPrefix(rs.Name, d.Name+"-")
	rs.CreationTimestamp = metav1.NewTime(epoch.Add(time.Duration(n-20) * time.Hour))
	rs.Spec.Template = *d.Spec.Template.DeepCopy()
	if n < newest {
		rs.Spec.Template.Spec.Containers[0].Image = fmt.Sprintf("registry.example/team/checkout-service:v1.%d", n)
		rs.Spec.Replicas = new(int32)
	}
	return rs
}

// BenchmarkObserve is one pod flapping in a Deployment with ten old
// ReplicaSets, and what is taken of it.
func BenchmarkObserve(b *testing.B) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, realDeployment(1))
	for n := 1; n <= 11; n++ {
		s.ApplyReplicaSet(epoch, realReplicaSet(1, n, 11))
	}
	namespace := realDeployment(1).Namespace
	pod := healthyPod(0)
	pod.Namespace = namespace
	pod.OwnerReferences[0].UID = realUID(1, 16+11)
	s.ApplyPod(epoch, pod)
	other := healthyPod(1)
	other.Namespace = namespace
	other.OwnerReferences[0].UID = realUID(1, 16+11)
	up, down := reducePod(other), reducePod(with(other, ready(false, second(10))))
	s.Take(epoch, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := *up
		if i%2 == 0 {
			p = *down
		}
		s.applyPod(second(10), &p)
		in := s.Take(second(10), 0)
		if o, ok := in[0].(*policy.Observation); !ok || o.Template == "" {
			b.Fatal("nothing to take")
		}
	}
}

// BenchmarkBytesPerDeployment reports what a healthy Deployment costs, in the
// State and in the engine, its ReplicaSets and pods left out.
func BenchmarkBytesPerDeployment(b *testing.B) {
	const n = 5_000
	for range b.N {
		s := NewState(Options{})
		e := policy.New(policy.Settings{
			Cluster: "test", Mode: policy.Enforce, Policies: []policy.Policy{{Name: "default", Bake: 10 * time.Minute}},
		})
		// Their own cost is none of the Deployment's.
		for i := range n {
			for rev := 1; rev <= 3; rev++ {
				s.ApplyReplicaSet(epoch, realReplicaSet(i, rev, 3))
			}
			for j := range 3 {
				p := healthyPod(3*i + j)
				p.Namespace = realDeployment(i).Namespace
				p.OwnerReferences[0].UID, p.OwnerReferences[0].Name = realUID(1, i*16+3), "checkout"
				p.CreationTimestamp = metav1.NewTime(epoch.Add(-2 * time.Hour))
				ready(true, epoch.Add(-time.Hour))(p)
				s.ApplyPod(epoch, p)
			}
		}
		before := heapBytes()
		for i := range n {
			d := realDeployment(i)
			d.Generation, d.Status.ObservedGeneration, d.Spec.Replicas = 1, 1, new(int32(3))
			d.Status.Replicas, d.Status.UpdatedReplicas, d.Status.ReadyReplicas, d.Status.AvailableReplicas = 3, 3, 3, 3
			s.ApplyDeployment(epoch, d)
			for _, in := range s.Take(epoch, 0) {
				e.Step(in)
			}
		}
		b.ReportMetric(float64(heapBytes()-before)/n, "bytes/deployment")
		o, _ := s.Observe(epoch, string(realUID(3, 0)))
		if phase := e.Phase(o.Workload); phase != policy.Healthy {
			b.Fatalf("a Deployment is %s, want %s", phase, policy.Healthy)
		}
		runtime.KeepAlive(s)
		runtime.KeepAlive(e)
	}
}
