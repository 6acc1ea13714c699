package rollback

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// maxNeeds bounds how many objects are looked up before an undo.
const maxNeeds = 32

// The resources of the core group that a pod can need.
const (
	configMaps      = "configmaps"
	secrets         = "secrets"
	serviceAccounts = "serviceaccounts"
	claims          = "persistentvolumeclaims"
)

// kinds is what people call the resources.
var kinds = map[string]string{
	serviceAccounts: "ServiceAccount", configMaps: "ConfigMap", secrets: "Secret", claims: "PersistentVolumeClaim",
}

// need is an object without which a template's pods cannot run, with the keys
// of it that they name.
type need struct {
	resource, name string
	keys           []string
}

// needs is what a template's pods cannot do without, sorted. What is marked as
// optional is not among it, nor is what the kubelet does without: a missing
// image pull secret, say, only matters where the image is not public or there
// already. The default service account is left out, since the cluster makes it.
func needs(t *corev1.PodTemplateSpec) []need {
	c := collector{}
	if name := t.Spec.ServiceAccountName; name != "" && name != "default" {
		c.add(serviceAccounts, name, nil)
	}
	for i := range t.Spec.Volumes {
		c.volume(&t.Spec.Volumes[i])
	}
	for _, list := range [2][]corev1.Container{t.Spec.InitContainers, t.Spec.Containers} {
		for i := range list {
			c.container(&list[i])
		}
	}
	return c.sorted()
}

// collector gathers needs by resource and name.
type collector map[[2]string]map[string]bool

// add takes a reference, unless it is optional.
func (c collector) add(resource, name string, optional *bool, keys ...string) {
	if name == "" || optional != nil && *optional {
		return
	}
	at := [2]string{resource, name}
	if c[at] == nil {
		c[at] = map[string]bool{}
	}
	for _, key := range keys {
		if key != "" {
			c[at][key] = true
		}
	}
}

func (c collector) volume(v *corev1.Volume) {
	if s := v.ConfigMap; s != nil {
		c.add(configMaps, s.Name, s.Optional, paths(s.Items)...)
	}
	if s := v.Secret; s != nil {
		c.add(secrets, s.SecretName, s.Optional, paths(s.Items)...)
	}
	if s := v.PersistentVolumeClaim; s != nil {
		c.add(claims, s.ClaimName, nil)
	}
	if v.Projected == nil {
		return
	}
	for i := range v.Projected.Sources {
		if s := v.Projected.Sources[i].ConfigMap; s != nil {
			c.add(configMaps, s.Name, s.Optional, paths(s.Items)...)
		}
		if s := v.Projected.Sources[i].Secret; s != nil {
			c.add(secrets, s.Name, s.Optional, paths(s.Items)...)
		}
	}
}

func paths(items []corev1.KeyToPath) []string {
	var keys []string
	for i := range items {
		keys = append(keys, items[i].Key)
	}
	return keys
}

func (c collector) container(container *corev1.Container) {
	for i := range container.EnvFrom {
		from := &container.EnvFrom[i]
		if s := from.ConfigMapRef; s != nil {
			c.add(configMaps, s.Name, s.Optional)
		}
		if s := from.SecretRef; s != nil {
			c.add(secrets, s.Name, s.Optional)
		}
	}
	for i := range container.Env {
		from := container.Env[i].ValueFrom
		if from == nil {
			continue
		}
		if s := from.ConfigMapKeyRef; s != nil {
			c.add(configMaps, s.Name, s.Optional, s.Key)
		}
		if s := from.SecretKeyRef; s != nil {
			c.add(secrets, s.Name, s.Optional, s.Key)
		}
	}
}

func (c collector) sorted() []need {
	var all []need
	for at, keys := range c {
		n := need{resource: at[0], name: at[1]}
		for key := range keys {
			n.keys = append(n.keys, key)
		}
		slices.Sort(n.keys)
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b need) int {
		return cmp.Or(cmp.Compare(a.resource, b.resource), cmp.Compare(a.name, b.name))
	})
	return all
}
