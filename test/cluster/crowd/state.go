package crowd

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/undog-dev/undog/test/bench/load"
)

// State says how it stands, by the API server's clock.
func (w *World) State(ctx context.Context) (load.State, error) {
	if err := w.log.read(); err != nil {
		return load.State{}, err
	}
	s := load.State{Now: time.Now(), Asked: w.log.counts(), Frames: w.frames.sent(), Objects: map[string]int{}}
	w.mu.Lock()
	releases, err := w.releases, w.err
	s.Replaced = w.replaced
	for _, r := range releases {
		o := w.log.outcome(r.of)
		o.Began = r.began
		s.Rollouts = append(s.Rollouts, o)
	}
	w.mu.Unlock()
	if err != nil {
		return s, fmt.Errorf("the load went wrong: %w", err)
	}
	for name, group := range map[string]string{"deployments": "apps", "replicasets": "apps", "pods": "", "nodes": ""} {
		n, err := w.count(ctx, schema.GroupVersionResource{Group: group, Version: "v1", Resource: name})
		if err != nil {
			return s, err
		}
		s.Objects[name] = n
	}
	return s, nil
}

// count is how many objects there are.
func (w *World) count(ctx context.Context, resource schema.GroupVersionResource) (int, error) {
	list, err := w.metadata.Resource(resource).List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", resource.Resource, err)
	}
	n := len(list.Items)
	if left := list.RemainingItemCount; left != nil {
		n += int(*left)
	}
	return n, nil
}
