package scripted

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Node is what a node is like; what is zero is large.
type Node struct {
	Name        string
	CPU, Memory string
	Pods        int64
	Labels      map[string]string
}

// AddNode registers one more node with a kubelet that runs.
func (k *Kubelet) AddNode(ctx context.Context, n Node) error {
	added, err := k.newNode(n)
	if err != nil {
		return err
	}
	return k.register(ctx, added)
}

// newNode takes a node among those that are played.
func (k *Kubelet) newNode(n Node) (*node, error) {
	added := &node{name: n.Name, labels: n.Labels, resources: v1.ResourceList{}}
	for _, r := range []struct {
		name         v1.ResourceName
		text, normal string
	}{{v1.ResourceCPU, n.CPU, "64"}, {v1.ResourceMemory, n.Memory, "256Gi"}} {
		if r.text == "" {
			r.text = r.normal
		}
		q, err := resource.ParseQuantity(r.text)
		if err != nil {
			return nil, fmt.Errorf("add node %s: %s: %q: %w", n.Name, r.name, r.text, err)
		}
		added.resources[r.name] = q
	}
	if n.Pods == 0 {
		n.Pods = defaultPods
	}
	added.resources[v1.ResourcePods] = *resource.NewQuantity(n.Pods, resource.DecimalSI)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.nodes[n.Name] != nil {
		return nil, fmt.Errorf("add node %s: there is one of that name: choose another", n.Name)
	}
	added.address = fmt.Sprintf("127.63.0.%d", len(k.nodes)%250+1)
	k.nodes[n.Name] = added
	return added, nil
}

// node is the played node of that name, or nil.
func (k *Kubelet) node(name string) *node {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.nodes[name]
}

// allNodes are the played nodes, by name.
func (k *Kubelet) allNodes() []*node {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.SortedFunc(maps.Values(k.nodes), func(a, b *node) int { return strings.Compare(a.name, b.name) })
}
