package fleet

import "fmt"

// Shape says how much there is.
type Shape struct {
	// Pods is how many there are to be; the Deployments add up to it nearly.
	Pods int
	// OldReplicaSets is how many each Deployment has beside the one with pods.
	OldReplicaSets int
	// Largest is how many of the pods one Deployment has beside the usual ones; 0 is
	// that there is none.
	Largest int
	// Crashing is how many of the pods crash, over and over since long, in Deployments
	// where all do and in as many where one does. They are others than the largest.
	Crashing int
}

const (
	// podsPerNamespace and podsPerNode are Kubernetes' own limits for large
	// clusters.
	podsPerNamespace = 3000
	podsPerNode      = 30
	// minNodes keeps a small cluster's failures from being one node's.
	minNodes = 3
)

// sizes are the Deployments of a namespace: how many replicas they have, and
// which share of the namespace's pods they are for.
var sizes = []struct {
	replicas int32
	share    float64
	name     string
}{
	{250, 0.25, "large-deployment"},
	{30, 0.25, "medium-deployment"},
	{5, 0.5, "small-deployment"},
}

// Deployment is one of the fleet.
type Deployment struct {
	Namespace, Name string
	// Index tells it from all others.
	Index    int
	Replicas int32
	// Old is how many old ReplicaSets it began with.
	Old int
}

// Revision is the number of the revision that a Deployment begins with.
func (d *Deployment) Revision() int { return d.Old + 1 }

// Deployments lists them, namespace by namespace.
func (s Shape) Deployments() []*Deployment {
	var all []*Deployment
	for ns, left := 0, s.Pods-s.Largest; left > 0; ns, left = ns+1, left-podsPerNamespace {
		pods := min(left, podsPerNamespace)
		for _, size := range sizes {
			for i := range int(float64(pods)*size.share) / int(size.replicas) {
				all = append(all, &Deployment{
					Namespace: fmt.Sprintf("load-%d", ns), Name: fmt.Sprintf("%s-%d", size.name, i),
					Index: len(all), Replicas: size.replicas, Old: s.OldReplicaSets,
				})
			}
		}
	}
	if s.Largest > 0 {
		all = append(all, &Deployment{
			Namespace: "load-largest", Name: "largest-deployment", Index: len(all),
			Replicas: int32(s.Largest), Old: s.OldReplicaSets, //nolint:gosec // fewer than all pods
		})
	}
	return all
}

// Nodes is how many there are.
func (s Shape) Nodes() int { return max(minNodes, s.Pods/podsPerNode) }
