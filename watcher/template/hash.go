package template

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// hashBytes is how much of the SHA-256 is kept: 80 bits are more than one
// cluster's revisions can exhaust, and short enough to keep for each of them.
const hashBytes = 10

// Hash is a hash of the template without its pod-template-hash label, so that
// a Deployment's template and its ReplicaSet's have the same hash. It is "" for
// nil, and does not change the template.
func Hash(t *corev1.PodTemplateSpec) string {
	if t == nil {
		return ""
	}
	raw := mustMarshal(unlabelled(t))
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:hashBytes])
}

// unlabelled is the template without the label that the Deployment controller
// adds. The result shares everything else with t.
func unlabelled(t *corev1.PodTemplateSpec) *corev1.PodTemplateSpec {
	if _, ok := t.Labels[appsv1.DefaultDeploymentUniqueLabelKey]; !ok {
		return t
	}
	out := *t
	out.Labels = maps.Clone(t.Labels)
	delete(out.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	return &out
}

func mustMarshal(t *corev1.PodTemplateSpec) []byte {
	raw, err := json.Marshal(t)
	if err != nil {
		// The type has no field that JSON cannot hold.
		panic(fmt.Sprintf("encode pod template: %v", err))
	}
	return raw
}
