package rollback

import (
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// operation is one step of a JSON Patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// fence makes the server refuse the patch unless it meets the very object and
// spec that were read. The resourceVersion would move with every status write.
func fence(live *metav1.ObjectMeta) []operation {
	return []operation{
		{Op: "test", Path: "/metadata/uid", Value: live.UID},
		{Op: "test", Path: "/metadata/generation", Value: live.Generation},
	}
}

// annotate sets annotations and leaves all others alone.
func annotate(live *metav1.ObjectMeta, values map[string]string) []operation {
	if live.Annotations == nil {
		return []operation{{Op: "add", Path: "/metadata/annotations", Value: values}}
	}
	var ops []operation
	for _, key := range slices.Sorted(maps.Keys(values)) {
		ops = append(ops, operation{Op: "add", Path: annotationPath(key), Value: values[key]})
	}
	return ops
}

func annotationPath(key string) string {
	return "/metadata/annotations/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}
