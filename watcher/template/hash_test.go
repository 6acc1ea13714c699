package template

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func shop() *corev1.PodTemplateSpec {
	return &corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "shop"}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name:  "app",
			Image: "shop:1.0",
			Env:   []corev1.EnvVar{{Name: "MODE", Value: "s3cret-mode"}},
			Resources: corev1.ResourceRequirements{
				Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("64Mi")},
			},
		}}},
	}
}

func TestHashIgnoresTheLabelOfTheController(t *testing.T) {
	plain, labelled := shop(), shop()
	labelled.Labels["pod-template-hash"] = "abc"
	if Hash(plain) != Hash(labelled) {
		t.Errorf("hashes differ: %s, %s", Hash(plain), Hash(labelled))
	}
	if labelled.Labels["pod-template-hash"] != "abc" {
		t.Error("Hash changed the template")
	}
	bare := shop()
	bare.Labels = map[string]string{"pod-template-hash": "abc"}
	unlabelled := shop()
	unlabelled.Labels = nil
	if Hash(bare) != Hash(unlabelled) {
		t.Error("a template with no other label hashes differently")
	}
	if got := Diff(plain, labelled); len(got) != 0 {
		t.Errorf("Diff = %v, want none", got)
	}
}

func TestHashTellsTemplatesApart(t *testing.T) {
	seen := map[string]string{Hash(nil): "nil"}
	for name, change := range map[string]func(*corev1.PodTemplateSpec){
		"same":       func(*corev1.PodTemplateSpec) {},
		"image":      func(p *corev1.PodTemplateSpec) { p.Spec.Containers[0].Image = "shop:1.1" },
		"env":        func(p *corev1.PodTemplateSpec) { p.Spec.Containers[0].Env[0].Value = "other" },
		"label":      func(p *corev1.PodTemplateSpec) { p.Labels["x"] = "y" },
		"annotation": func(p *corev1.PodTemplateSpec) { p.Annotations = map[string]string{"restartedAt": "now"} },
	} {
		p := shop()
		change(p)
		if other, taken := seen[Hash(p)]; taken {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		seen[Hash(p)] = name
	}
}

func TestHashIsTheSameForEqualQuantities(t *testing.T) {
	a, b := shop(), shop()
	a.Spec.Containers[0].Resources.Limits[corev1.ResourceMemory] = resource.MustParse("1Gi")
	b.Spec.Containers[0].Resources.Limits[corev1.ResourceMemory] = resource.MustParse("1024Mi")
	if Hash(a) != Hash(b) {
		t.Errorf("hashes differ: %s, %s", Hash(a), Hash(b))
	}
}
