package world

import (
	"fmt"
	"hash/fnv"
	"maps"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/utils/dump"
)

// templateHash is the pod-template-hash of a template, made as Kubernetes makes it
// (k8s.io/kubernetes/pkg/controller/controller_utils.go, ComputeHash). Names follow from
// it, and from names whatever is left to chance: it has nothing to do with the hash by
// which undog knows a template, so that a change of that one changes no run.
func templateHash(t *corev1.PodTemplateSpec) string {
	bare := *t
	bare.Labels = maps.Clone(t.Labels)
	delete(bare.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	if len(bare.Labels) == 0 {
		bare.Labels = nil
	}
	h := fnv.New32a()
	_, _ = fmt.Fprint(h, dump.ForHash(bare))
	return rand.SafeEncodeString(strconv.FormatUint(uint64(h.Sum32()), 10))
}
