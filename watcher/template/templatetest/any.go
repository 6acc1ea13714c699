// Package templatetest makes pod templates for tests.
package templatetest

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/randfill"
)

// Any is a template with what chance puts into its fields: nothing, what is empty
// or zero, and all else.
func Any(seed int64) *corev1.PodTemplateSpec {
	t := &corev1.PodTemplateSpec{}
	randfill.NewWithSeed(seed).NilChance(0.5).NumElements(0, 2).MaxDepth(12).Funcs(
		func(q *resource.Quantity, c randfill.Continue) {
			*q = *resource.NewMilliQuantity(c.Int63n(5_000), resource.DecimalSI)
		},
		func(v *intstr.IntOrString, c randfill.Continue) {
			if *v = intstr.FromInt32(c.Int31n(3)); c.Bool() {
				*v = intstr.FromString(c.String(3))
			}
		},
		func(v *metav1.Time, c randfill.Continue) { *v = metav1.NewTime(time.Unix(c.Int63n(1e9), 0)) },
		func(v *metav1.FieldsV1, _ randfill.Continue) { v.SetRawBytes([]byte("{}")) },
		func(v *bool, c randfill.Continue) { *v = c.Bool() },
		func(v *int32, c randfill.Continue) { *v = c.Int31n(3) },
		func(v *int64, c randfill.Continue) { *v = c.Int63n(3) },
	).Fill(t)
	return t
}

// Usual is one as API servers write it: without what a template has no use for and is
// not of plain fields, as times are; with labels, and that of the Deployment controller.
func Usual(seed int64) *corev1.PodTemplateSpec {
	p := Any(seed)
	p.ObjectMeta.Reset()
	p.Labels, p.Annotations = map[string]string{"b": "2", "a": "", "pod-template-hash": "abc"}, map[string]string{"x": "y"}
	for i := range p.Spec.Volumes {
		if e := p.Spec.Volumes[i].Ephemeral; e != nil && e.VolumeClaimTemplate != nil {
			e.VolumeClaimTemplate.ObjectMeta.Reset()
			e.VolumeClaimTemplate.Labels = map[string]string{"pod-template-hash": "counts"}
		}
	}
	return p
}
