package template

import (
	"encoding/json"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/watcher/template/templatetest"
)

// TestHashIsTheSameHoweverDecoded checks that a template that was read in JSON, as
// from the ledger, and one that was read in protobuf, as from a watch, are the same.
func TestHashIsTheSameHoweverDecoded(t *testing.T) {
	seen := map[Sum]bool{}
	for seed := range int64(300) {
		made := templatetest.Any(seed)
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
