package stage

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
)

// Prop names a ConfigMap or a Secret.
type Prop struct{ Kind, Namespace, Name string }

// Found is what there is of a prop.
type Found struct {
	Keys    map[string]bool
	Missing bool
	// Message is the kubelet's, "" when the prop is there.
	Message string
}

// Props finds ConfigMaps and Secrets. It implements lifecycle.Env.
type Props func(Prop) Found

// The kinds of prop, as the kubelet spells them.
const (
	ConfigMap = "configmap"
	Secret    = "secret"
)

// Environment implements lifecycle.Env.
func (p Props) Environment(pod *v1.Pod, c *v1.Container) string {
	for _, from := range c.EnvFrom {
		message := ""
		switch {
		case from.ConfigMapRef != nil:
			message = p.object(ConfigMap, pod.Namespace, from.ConfigMapRef.Name, from.ConfigMapRef.Optional)
		case from.SecretRef != nil:
			message = p.object(Secret, pod.Namespace, from.SecretRef.Name, from.SecretRef.Optional)
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
			message = p.key(ConfigMap, "ConfigMap", pod.Namespace, ref.Name, ref.Key, ref.Optional)
		case from.SecretKeyRef != nil:
			ref := from.SecretKeyRef
			message = p.key(Secret, "Secret", pod.Namespace, ref.Name, ref.Key, ref.Optional)
		}
		if message != "" {
			return message
		}
	}
	return ""
}

// Volumes implements lifecycle.Env.
func (p Props) Volumes(pod *v1.Pod) string {
	for _, volume := range pod.Spec.Volumes {
		message := ""
		switch {
		case volume.ConfigMap != nil:
			message = p.object(ConfigMap, pod.Namespace, volume.ConfigMap.Name, volume.ConfigMap.Optional)
		case volume.Secret != nil:
			message = p.object(Secret, pod.Namespace, volume.Secret.SecretName, volume.Secret.Optional)
		case volume.Projected != nil:
			message = p.projected(pod.Namespace, volume.Projected)
		}
		if message != "" {
			return fmt.Sprintf("MountVolume.SetUp failed for volume %q : %s", volume.Name, message)
		}
	}
	return ""
}

func (p Props) projected(namespace string, volume *v1.ProjectedVolumeSource) string {
	for _, source := range volume.Sources {
		message := ""
		switch {
		case source.ConfigMap != nil:
			message = p.object(ConfigMap, namespace, source.ConfigMap.Name, source.ConfigMap.Optional)
		case source.Secret != nil:
			message = p.object(Secret, namespace, source.Secret.Name, source.Secret.Optional)
		}
		if message != "" {
			return message
		}
	}
	return ""
}

func (p Props) object(kind, namespace, name string, optional *bool) string {
	found := p(Prop{kind, namespace, name})
	if found.Missing && optional != nil && *optional {
		return ""
	}
	return found.Message
}

func (p Props) key(kind, title, namespace, name, key string, optional *bool) string {
	if message := p.object(kind, namespace, name, optional); message != "" {
		return message
	}
	if optional != nil && *optional || p(Prop{kind, namespace, name}).Keys[key] {
		return ""
	}
	return fmt.Sprintf("couldn't find key %v in %s %v/%v", key, title, namespace, name)
}
