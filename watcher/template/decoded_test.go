package template

import (
	"encoding/json"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/randfill"
)

// anyTemplate is one with what chance puts into its fields: nothing, what is empty
// or zero, and all else.
func anyTemplate(seed int64) *corev1.PodTemplateSpec {
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

// TestHashIsTheSameHoweverDecoded checks that a template that was read in JSON, as
// from the ledger, and one that was read in protobuf, as from a watch, are the same.
func TestHashIsTheSameHoweverDecoded(t *testing.T) {
	seen := map[Sum]bool{}
	for seed := range int64(300) {
		made := anyTemplate(seed)
		text, err := json.Marshal(made)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := made.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		var fromText, fromRaw corev1.PodTemplateSpec
		if err := json.Unmarshal(text, &fromText); err != nil {
			t.Fatal(err)
		}
		if err := fromRaw.Unmarshal(raw); err != nil {
			t.Fatal(err)
		}
		sum := SumOf(made)
		if a, b := SumOf(&fromText), SumOf(&fromRaw); a != sum || b != sum {
			t.Errorf("template %d: %s when made, %s of JSON, %s of protobuf:\n%s", seed, sum, a, b, text)
		}
		seen[sum] = true
	}
	if len(seen) < 300 {
		t.Errorf("%d hashes of 300 templates", len(seen))
	}
}

// TestWhatIsZeroIsNotAbsent checks that what Kubernetes tells apart has another hash.
func TestWhatIsZeroIsNotAbsent(t *testing.T) {
	for name, change := range map[string]func(*corev1.PodSpec){
		"false": func(s *corev1.PodSpec) { s.AutomountServiceAccountToken = new(bool) },
		"0":     func(s *corev1.PodSpec) { s.TerminationGracePeriodSeconds = new(int64) },
		"empty": func(s *corev1.PodSpec) { s.SecurityContext = &corev1.PodSecurityContext{} },
	} {
		p := shop()
		change(&p.Spec)
		if Hash(p) == Hash(shop()) {
			t.Errorf("%s has the hash of what is absent", name)
		}
	}
	p := shop()
	p.Spec.Volumes, p.Annotations = []corev1.Volume{}, map[string]string{}
	if Hash(p) != Hash(shop()) {
		t.Error("lists and maps that are empty have another hash than absent ones")
	}
}
