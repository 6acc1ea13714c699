package template

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shown are the fields whose text cannot be secret. Numbers and truth values
// are always shown, everything else never.
var shown = set(
	"spec.containers[].image",
	"spec.containers[].imagePullPolicy",
	"spec.containers[].restartPolicy",
	"spec.containers[].terminationMessagePolicy",
	"spec.containers[].ports[].name",
	"spec.containers[].ports[].protocol",
	"spec.containers[].resources.limits[]",
	"spec.containers[].resources.requests[]",
	"spec.containers[].env[].valueFrom.configMapKeyRef.name",
	"spec.containers[].env[].valueFrom.configMapKeyRef.key",
	"spec.containers[].env[].valueFrom.secretKeyRef.name",
	"spec.containers[].env[].valueFrom.secretKeyRef.key",
	"spec.containers[].env[].valueFrom.fieldRef.fieldPath",
	"spec.containers[].envFrom[].configMapRef.name",
	"spec.containers[].envFrom[].secretRef.name",
	"spec.containers[].volumeMounts[].name",
	"spec.containers[].volumeMounts[].mountPath",
	"spec.containers[].volumeMounts[].subPath",
	"spec.containers[].probe.httpGet.path",
	"spec.containers[].probe.httpGet.port",
	"spec.containers[].probe.httpGet.scheme",
	"spec.containers[].probe.tcpSocket.port",
	"spec.containers[].probe.grpc.service",
	"spec.volumes[].configMap.name",
	"spec.volumes[].secret.secretName",
	"spec.volumes[].persistentVolumeClaim.claimName",
	"spec.volumes[].emptyDir.medium",
	"spec.volumes[].emptyDir.sizeLimit",
	"spec.volumes[].csi.driver",
	"spec.imagePullSecrets[].name",
	"spec.nodeSelector[]",
	"spec.nodeName",
	"spec.overhead[]",
	"spec.resources.limits[]",
	"spec.resources.requests[]",
	"spec.serviceAccountName",
	"spec.restartPolicy",
	"spec.dnsPolicy",
	"spec.priorityClassName",
	"spec.preemptionPolicy",
	"spec.runtimeClassName",
	"spec.schedulerName",
	"spec.os.name",
)

func set(items ...string) map[string]bool {
	out := make(map[string]bool, len(items))
	for _, item := range items {
		out[item] = true
	}
	return out
}

// show is a value as people may read it, "" if they may not.
func show(p path, v any) string {
	switch v := v.(type) {
	case json.Number, bool:
		return text(v)
	case string:
		if !shown[p.shape] || hasQuery(p, v) {
			return ""
		}
		return v
	}
	return ""
}

// hasQuery spots the one field among the shown that is known to carry tokens.
func hasQuery(p path, v string) bool {
	return strings.HasSuffix(p.shape, ".httpGet.path") && strings.ContainsAny(v, "?#@")
}

// summary is what is shown of an item that was added or removed whole: the
// image of a container, nothing of a variable.
func summary(p path, v any) string {
	if item, ok := v.(map[string]any); ok && p.shape == "spec.containers[]" {
		return text(item["image"])
	}
	return ""
}

// text is a scalar as text, "" for anything else.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

// clean drops what a terminal could obey and cuts at limit bytes, between runes.
func clean(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	if len(s) <= limit {
		return s
	}
	const mark = "…"
	cut := limit - len(mark)
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + mark
}
