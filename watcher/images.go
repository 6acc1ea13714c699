package watcher

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// imageSeparator cannot be part of an image reference.
const imageSeparator = "\n"

// internImages keeps the images of a template as one word: containers in their
// order, init containers last.
func internImages(t *corev1.PodTemplateSpec) word {
	images := make([]string, 0, len(t.Spec.Containers)+len(t.Spec.InitContainers))
	for i := range t.Spec.Containers {
		images = append(images, t.Spec.Containers[i].Image)
	}
	for i := range t.Spec.InitContainers {
		images = append(images, t.Spec.InitContainers[i].Image)
	}
	return intern(strings.Join(images, imageSeparator))
}

func splitImages(w word) []string {
	if w == (word{}) {
		return nil
	}
	return strings.Split(w.Value(), imageSeparator)
}
