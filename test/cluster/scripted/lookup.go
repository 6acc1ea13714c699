package scripted

import (
	"context"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/undog-dev/undog/test/script/stage"
)

const (
	// lookupTTL keeps a rollout of many pods from reading the same object over
	// and over, and is shorter than any retry.
	lookupTTL     = 500 * time.Millisecond
	lookupTimeout = 5 * time.Second
	maxLookups    = 1024
)

// lookup answers for lifecycle which ConfigMaps and Secrets exist.
type lookup struct {
	client kubernetes.Interface
	mu     sync.Mutex
	known  map[stage.Prop]found
}

// found is what a read said, and when.
type found struct {
	stage.Found
	at time.Time
}

func newLookup(client kubernetes.Interface) *lookup {
	return &lookup{client: client, known: map[stage.Prop]found{}}
}

// read implements stage.Props.
func (l *lookup) read(o stage.Prop) stage.Found {
	l.mu.Lock()
	known, ok := l.known[o]
	l.mu.Unlock()
	if ok && time.Since(known.at) < lookupTTL {
		return known.Found
	}
	fresh := l.get(o)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.known) >= maxLookups {
		clear(l.known)
	}
	l.known[o] = fresh
	return fresh.Found
}

// get reads the object. Its own deadline bounds it: a pod's life has no context.
func (l *lookup) get(o stage.Prop) found {
	ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
	defer cancel()
	result := found{at: time.Now(), Found: stage.Found{Keys: map[string]bool{}}}
	var err error
	if o.Kind == stage.ConfigMap {
		var cm *v1.ConfigMap
		if cm, err = l.client.CoreV1().ConfigMaps(o.Namespace).Get(ctx, o.Name, metav1.GetOptions{}); err == nil {
			for key := range cm.Data {
				result.Keys[key] = true
			}
		}
	} else {
		var s *v1.Secret
		if s, err = l.client.CoreV1().Secrets(o.Namespace).Get(ctx, o.Name, metav1.GetOptions{}); err == nil {
			for key := range s.Data {
				result.Keys[key] = true
			}
		}
	}
	switch {
	case apierrors.IsNotFound(err):
		result.Missing, result.Message = true, fmt.Sprintf("%s %q not found", o.Kind, o.Name)
	case err != nil:
		// The kubelet words every other failure so.
		result.Message = fmt.Sprintf("failed to sync %s cache: timed out waiting for the condition", o.Kind)
	}
	return result
}
