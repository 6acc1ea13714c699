package fleet

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// sets holds the sets of fields that were made, by what they are of: they hold no
// values, so that all objects of a kind have the same.
var sets sync.Map

// owned makes an entry of managed fields that owns the parts of the object: as
// long as those that the API server keeps. what names the kind of object.
func owned(what, manager, subresource string, when metav1.Time, version string, object func() any) metav1.ManagedFieldsEntry {
	raw, ok := sets.Load(what)
	if !ok {
		raw, _ = sets.LoadOrStore(what, fieldsJSON(object()))
	}
	fields, _ := raw.([]byte)
	return metav1.ManagedFieldsEntry{
		Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: version, Time: &when,
		FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(string(fields)), Subresource: subresource,
	}
}

func fieldsJSON(object any) []byte {
	raw, err := json.Marshal(object)
	if err != nil {
		panic(fmt.Sprintf("an object of the API cannot be encoded: %v", err))
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		panic(fmt.Sprintf("an object of the API cannot be decoded: %v", err))
	}
	fields, err := json.Marshal(fieldsOf(tree))
	if err != nil {
		panic(fmt.Sprintf("a set of fields cannot be encoded: %v", err))
	}
	return fields
}

// keys are the members that tell the items of a list apart.
var keys = []string{"mountPath", "containerPort", "type", "key", "name", "ip", "uid"}

// fieldsOf names the fields of a decoded JSON value.
func fieldsOf(v any) map[string]any {
	out := map[string]any{}
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			out["f:"+name] = fieldsOf(value)
		}
	case []any:
		for _, item := range v {
			object, ok := item.(map[string]any)
			if !ok {
				continue
			}
			if key := keyOf(object); key != "" {
				in := fieldsOf(object)
				in["."] = map[string]any{}
				out[key] = in
			}
		}
	}
	return out
}

func keyOf(object map[string]any) string {
	for _, key := range keys {
		if value, ok := object[key]; ok {
			raw, err := json.Marshal(value)
			if err != nil {
				continue
			}
			return "k:" + strings.Join([]string{"{\"", key, "\":", string(raw), "}"}, "")
		}
	}
	return ""
}
