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
	known  map[object]found
}

type object struct{ kind, namespace, name string }

// found is what a read said: the keys, or the message that it failed with.
type found struct {
	at      time.Time
	keys    map[string]bool
	missing bool
	message string
}

func newLookup(client kubernetes.Interface) *lookup {
	return &lookup{client: client, known: map[object]found{}}
}

const (
	configMap = "configmap"
	secret    = "secret"
)

// Environment implements lifecycle.Env.
func (l *lookup) Environment(pod *v1.Pod, c *v1.Container) string {
	for _, from := range c.EnvFrom {
		message := ""
		switch {
		case from.ConfigMapRef != nil:
			message = l.object(configMap, pod.Namespace, from.ConfigMapRef.Name, from.ConfigMapRef.Optional)
		case from.SecretRef != nil:
			message = l.object(secret, pod.Namespace, from.SecretRef.Name, from.SecretRef.Optional)
		}
		if message != "" {
			return message
		}
	}
	for _, variable := range c.Env {
		from := variable.ValueFrom
		message := ""
		switch {
		case from == nil:
		case from.ConfigMapKeyRef != nil:
			ref := from.ConfigMapKeyRef
			message = l.key(configMap, "ConfigMap", pod.Namespace, ref.Name, ref.Key, ref.Optional)
		case from.SecretKeyRef != nil:
			ref := from.SecretKeyRef
			message = l.key(secret, "Secret", pod.Namespace, ref.Name, ref.Key, ref.Optional)
		}
		if message != "" {
			return message
		}
	}
	return ""
}

// Volumes implements lifecycle.Env.
func (l *lookup) Volumes(pod *v1.Pod) string {
	for _, volume := range pod.Spec.Volumes {
		message := ""
		switch {
		case volume.ConfigMap != nil:
			message = l.object(configMap, pod.Namespace, volume.ConfigMap.Name, volume.ConfigMap.Optional)
		case volume.Secret != nil:
			message = l.object(secret, pod.Namespace, volume.Secret.SecretName, volume.Secret.Optional)
		case volume.Projected != nil:
			message = l.projected(pod.Namespace, volume.Projected)
		}
		if message != "" {
			return fmt.Sprintf("MountVolume.SetUp failed for volume %q : %s", volume.Name, message)
		}
	}
	return ""
}

func (l *lookup) projected(namespace string, volume *v1.ProjectedVolumeSource) string {
	for _, source := range volume.Sources {
		message := ""
		switch {
		case source.ConfigMap != nil:
			message = l.object(configMap, namespace, source.ConfigMap.Name, source.ConfigMap.Optional)
		case source.Secret != nil:
			message = l.object(secret, namespace, source.Secret.Name, source.Secret.Optional)
		}
		if message != "" {
			return message
		}
	}
	return ""
}

func (l *lookup) object(kind, namespace, name string, optional *bool) string {
	result := l.read(object{kind, namespace, name})
	if result.missing && optional != nil && *optional {
		return ""
	}
	return result.message
}

func (l *lookup) key(kind, title, namespace, name, key string, optional *bool) string {
	if message := l.object(kind, namespace, name, optional); message != "" {
		return message
	}
	if optional != nil && *optional || l.read(object{kind, namespace, name}).keys[key] {
		return ""
	}
	return fmt.Sprintf("couldn't find key %v in %s %v/%v", key, title, namespace, name)
}

func (l *lookup) read(o object) found {
	l.mu.Lock()
	known, ok := l.known[o]
	l.mu.Unlock()
	if ok && time.Since(known.at) < lookupTTL {
		return known
	}
	fresh := l.get(o)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.known) >= maxLookups {
		clear(l.known)
	}
	l.known[o] = fresh
	return fresh
}

// get reads the object. Its own deadline bounds it: a pod's life has no context.
func (l *lookup) get(o object) found {
	ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
	defer cancel()
	result := found{at: time.Now(), keys: map[string]bool{}}
	var err error
	if o.kind == configMap {
		var cm *v1.ConfigMap
		if cm, err = l.client.CoreV1().ConfigMaps(o.namespace).Get(ctx, o.name, metav1.GetOptions{}); err == nil {
			for key := range cm.Data {
				result.keys[key] = true
			}
		}
	} else {
		var s *v1.Secret
		if s, err = l.client.CoreV1().Secrets(o.namespace).Get(ctx, o.name, metav1.GetOptions{}); err == nil {
			for key := range s.Data {
				result.keys[key] = true
			}
		}
	}
	switch {
	case apierrors.IsNotFound(err):
		result.missing, result.message = true, fmt.Sprintf("%s %q not found", o.kind, o.name)
	case err != nil:
		// The kubelet words every other failure so.
		result.message = fmt.Sprintf("failed to sync %s cache: timed out waiting for the condition", o.kind)
	}
	return result
}
