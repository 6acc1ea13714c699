package template

import "strings"

// path is where in a template the walk stands: text is for people; shape is
// the same without names, as in spec.containers[].env[].value, and finds the
// rules.
type path struct {
	text, shape string
}

// open are the maps whose keys are the user's, not the API's.
var open = map[string]bool{
	"metadata.labels":                      true,
	"metadata.annotations":                 true,
	"spec.nodeSelector":                    true,
	"spec.overhead":                        true,
	"spec.resources.limits":                true,
	"spec.resources.requests":              true,
	"spec.containers[].resources.limits":   true,
	"spec.containers[].resources.requests": true,
	"spec.volumes[].csi.volumeAttributes":  true,
	"spec.volumes[].flexVolume.options":    true,
}

// child is the path of a field or of a map's key.
func (p path) child(name string) path {
	if open[p.shape] {
		return p.item(name)
	}
	if p.text == "" {
		return path{text: name, shape: name}
	}
	return path{text: p.text + "." + name, shape: p.shape + "." + alias(p.shape, name)}
}

// item is the path of a named item in a list or map.
func (p path) item(name string) path {
	return path{text: p.text + "[" + name + "]", shape: p.shape + "[]"}
}

// alias lets one set of rules serve all kinds of container and of probe.
func alias(parent, name string) string {
	switch {
	case parent == "spec" && (name == "initContainers" || name == "ephemeralContainers"):
		return "containers"
	case parent == "spec.containers[]" && strings.HasSuffix(name, "Probe"):
		return "probe"
	}
	return name
}

// whole tells whether an item that was added or removed is told as one change
// and not field by field.
func (p path) whole() bool {
	return p.shape == "spec.containers[]" || p.shape == "spec.containers[].env[]"
}

// ignores tells whether a field only repeats another one.
func (p path) ignores(name string) bool {
	switch p.shape {
	case "metadata":
		return name == "creationTimestamp"
	case "spec":
		return name == "serviceAccount"
	case "spec.volumes[]":
		return name == "name"
	}
	return false
}

// keyOf names an item of a list.
type keyOf func(map[string]any) string

var listKeys = map[string]keyOf{
	"spec.containers":                                           field("name"),
	"spec.containers[].env":                                     field("name"),
	"spec.containers[].envFrom":                                 source,
	"spec.containers[].ports":                                   port,
	"spec.containers[].volumeMounts":                            field("mountPath"),
	"spec.containers[].volumeDevices":                           field("devicePath"),
	"spec.containers[].probe.httpGet.httpHeaders":               field("name"),
	"spec.containers[].lifecycle.preStop.httpGet.httpHeaders":   field("name"),
	"spec.containers[].lifecycle.postStart.httpGet.httpHeaders": field("name"),
	"spec.volumes":                                              field("name"),
	"spec.imagePullSecrets":                                     field("name"),
	"spec.resourceClaims":                                       field("name"),
	"spec.readinessGates":                                       field("conditionType"),
}

// key is how the items of this list are named, nil when they have no names.
func (p path) key() keyOf { return listKeys[p.shape] }

func field(name string) keyOf {
	return func(item map[string]any) string { return text(item[name]) }
}

func port(item map[string]any) string {
	return text(item["containerPort"]) + "/" + text(item["protocol"])
}

// source names an envFrom item by what it reads and the prefix it gives.
func source(item map[string]any) string {
	for _, kind := range []string{"configMapRef", "secretRef"} {
		if ref, ok := item[kind].(map[string]any); ok {
			return text(item["prefix"]) + kind + "/" + text(ref["name"])
		}
	}
	return ""
}
