package watcher

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// imageSeparator cannot be part of an image reference.
const imageSeparator = "\n"

// maxImage is longer than any image reference that a registry can know.
const maxImage = 1024

// imageList is the images of a template: containers in their order, init containers
// last. The revisions of a workload share their repositories, and differ in tags.
type imageList struct {
	repositories word
	tags         string
}

func imagesOf(t *corev1.PodTemplateSpec) imageList {
	n := len(t.Spec.Containers) + len(t.Spec.InitContainers)
	repositories, tags := make([]string, 0, n), make([]string, 0, n)
	see := func(all []corev1.Container) {
		for i := range all {
			image := cleanName(all[i].Image, maxImage)
			end := tagAt(image)
			repositories, tags = append(repositories, image[:end]), append(tags, image[end:])
		}
	}
	see(t.Spec.Containers)
	see(t.Spec.InitContainers)
	return imageList{repositories: intern(strings.Join(repositories, imageSeparator)), tags: strings.Clone(strings.Join(tags, imageSeparator))}
}

// tagAt is where the tag or digest of an image begins, with what stands before it,
// or else the end. A port is no tag.
func tagAt(image string) int {
	if at := strings.IndexByte(image, '@'); at >= 0 {
		return at
	}
	if at := strings.LastIndexByte(image, ':'); at > strings.LastIndexByte(image, '/') {
		return at
	}
	return len(image)
}

// all lists the images.
func (l imageList) all() []string {
	if l == (imageList{}) {
		return nil
	}
	list, tags := strings.Split(text(l.repositories), imageSeparator), l.tags
	for i := range list {
		tag, rest, _ := strings.Cut(tags, imageSeparator)
		list[i], tags = list[i]+tag, rest
	}
	return list
}
