package crowd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata"
)

var pods = schema.GroupVersionResource{Version: "v1", Resource: "pods"}

// selection is what a watch of the program that is measured asked for.
type selection struct {
	resource       schema.GroupVersionResource
	namespace      string
	fields, labels string
}

// frames counts what such watches are sent, by watching the metadata of the same.
type frames struct {
	client metadata.Interface

	mu     sync.Mutex
	begun  bool
	counts map[string]uint64
}

var errWatchEnded = errors.New("the watch ended")

// begin opens the watches, once. They end with the world.
func (f *frames) begin(ctx context.Context, w *World, all []selection) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.begun {
		return nil
	}
	if len(all) == 0 {
		return errors.New("count frames: nobody watches yet")
	}
	f.begun = true
	for _, s := range all {
		of := f.client.Resource(s.resource).Namespace(s.namespace)
		list, err := of.List(ctx, metav1.ListOptions{FieldSelector: s.fields, LabelSelector: s.labels, Limit: 1})
		if err != nil {
			return fmt.Errorf("count frames of %s: %w", s.resource.Resource, err)
		}
		events, err := of.Watch(w.ctx, metav1.ListOptions{FieldSelector: s.fields, LabelSelector: s.labels, ResourceVersion: list.ResourceVersion})
		if err != nil {
			return fmt.Errorf("count frames of %s: %w", s.resource.Resource, err)
		}
		w.running.Go(func() {
			defer events.Stop()
			for range events.ResultChan() {
				f.mu.Lock()
				f.counts[s.resource.Resource]++
				f.mu.Unlock()
			}
			w.failed(fmt.Errorf("count frames of %s: %w", s.resource.Resource, errWatchEnded))
		})
	}
	return nil
}

// sent is how many there were since, by resource.
func (f *frames) sent() map[string]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}
