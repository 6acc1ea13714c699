package watcher

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestImagesSurvive(t *testing.T) {
	for _, images := range [][]string{
		nil,
		{""},
		{"shop"},
		{"", "shop:1"},
		{"shop:1", ""},
		{"registry.example:5000/team/shop", "registry.example:5000/team/shop:v1.2"},
		{"shop@sha256:0123", "shop:v1@sha256:0123", "localhost:5000/x"},
	} {
		var p corev1.PodTemplateSpec
		for i, image := range images {
			if i == 1 {
				p.Spec.InitContainers = append(p.Spec.InitContainers, corev1.Container{Image: image})
				continue
			}
			p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Image: image})
		}
		want := slices.Clone(images)
		if len(want) > 2 {
			want = append(slices.Delete(want, 1, 2), images[1])
		}
		if len(images) == 1 && images[0] == "" {
			want = nil // An image without a name is none.
		}
		if got := imagesOf(&p).all(); !slices.Equal(got, want) {
			t.Errorf("%q became %q", want, got)
		}
	}
	a, b := corev1.PodTemplateSpec{}, corev1.PodTemplateSpec{}
	a.Spec.Containers = []corev1.Container{{Image: "shop:1"}}
	b.Spec.Containers = []corev1.Container{{Image: "shop:2"}}
	if imagesOf(&a).repositories != imagesOf(&b).repositories {
		t.Error("two tags of one image share nothing")
	}
}
