package watcher

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// imageSeparator cannot be part of an image reference.
const imageSeparator = "\n"

// maxImage is longer than any image reference that a registry can know.
const maxImage = 1024

// joinImages keeps the images of a template as one string: containers in their
// order, init containers last. Few templates share all of theirs, so that
// interning them would cost more than it saves.
func joinImages(t *corev1.PodTemplateSpec) string {
	images := make([]string, 0, len(t.Spec.Containers)+len(t.Spec.InitContainers))
	for i := range t.Spec.Containers {
		images = append(images, cleanName(t.Spec.Containers[i].Image, maxImage))
	}
	for i := range t.Spec.InitContainers {
		images = append(images, cleanName(t.Spec.InitContainers[i].Image, maxImage))
	}
	return strings.Join(images, imageSeparator)
}

func splitImages(joined string) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(joined, imageSeparator)
}
