{{/* What undog needs to see, with the ClusterRole's nodes where nodes is true. */}}
{{- define "undog.watchRules" -}}
# To see what happens, and to look again before acting.
- apiGroups: [apps]
  resources: [deployments, replicasets]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]
# To tell what is a node's doing, what Events explain, and which ConfigMaps
# changed; of these only the metadata is read.
- apiGroups: [""]
  resources: [{{ if .nodes }}nodes, {{ end }}events, configmaps]
  verbs: [list, watch]
# undog's memory: one ControllerRevision per judged revision, owned by the
# Deployment.
- apiGroups: [apps]
  resources: [controllerrevisions]
  verbs: [get, list, watch, create, patch, delete]
{{- if .events }}
# To tell what happens where kubectl describe shows it.
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- end }}
{{- if .logs }}
# To tell the last lines of what failed; evidence.logs: false turns it off.
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
{{- end }}
{{- end -}}

{{/* What undog needs to act. */}}
{{- define "undog.actRules" -}}
# To undo a bad revision. Whoever may patch a Deployment can run any image under
# its service account.
- apiGroups: [apps]
  resources: [deployments]
  verbs: [patch]
# To see, before undog returns to a revision, whether what its pods need is still
# there.
- apiGroups: [""]
  resources: [configmaps, serviceaccounts, persistentvolumeclaims{{ if .secrets }}, secrets{{ end }}]
  verbs: [get]
{{- end -}}

{{/* What undog needs to be elected. */}}
{{- define "undog.leaseRules" -}}
# Which of several undogs acts: the one that holds the Lease. To create something
# cannot be narrowed to a name.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ .name }}]
  verbs: [get, watch, update]
{{- end -}}

{{/*
What the configured checks need, as YAML: by namespace, "" for all of them, which
subresources of pods and which Secrets.
*/}}
{{- define "undog.checkNeeds" -}}
{{- $config := .Values.config -}}
{{- $needs := dict -}}
{{- $personas := dict -}}
{{- range $config.personas }}{{ $_ := set $personas .name (.secret | default dict) }}{{ end -}}
{{- range $check := $config.checks -}}
  {{- $resource := "" -}}
  {{- if and $check.steps (eq ($config.reach | default "auto") "portForward") }}{{ $resource = "pods/portforward" }}{{ end -}}
  {{- if $check.exec }}{{ $resource = "pods/exec" }}{{ end -}}
  {{- if $check.log }}{{ $resource = "pods/log" }}{{ end -}}
  {{- $namespaces := ($check.match | default dict).namespaces | default ($config.watch | default dict).namespaces | default (list "") -}}
  {{- if $resource -}}
    {{- range $namespaces -}}
      {{- $in := get $needs . | default (dict "resources" list "secrets" list) -}}
      {{- $_ := set $in "resources" (append $in.resources $resource | uniq | sortAlpha) -}}
      {{- $_ := set $needs . $in -}}
    {{- end -}}
  {{- end -}}
  {{- with get $personas ($check.persona | default "") -}}
    {{- if .name -}}
      {{- $in := get $needs .namespace | default (dict "resources" list "secrets" list) -}}
      {{- $_ := set $in "secrets" (append $in.secrets .name | uniq | sortAlpha) -}}
      {{- $_ := set $needs .namespace $in -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{ toYaml $needs }}
{{- end -}}

{{- define "undog.checkRules" -}}
{{- range .resources }}
- apiGroups: [""]
  resources: [{{ . }}]
  # With get an exec or a port-forward goes over a WebSocket, else over SPDY.
  verbs: {{ if eq . "pods/log" }}[get]{{ else }}[create, get]{{ end }}
{{- end }}
{{- if .secrets }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: {{ toJson .secrets }}
  verbs: [get]
{{- end }}
{{- end -}}

{{/* A role and its binding, in a namespace or, without one, in the cluster. */}}
{{- define "undog.grant" -}}
{{- $root := .root }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ if .namespace }}Role{{ else }}ClusterRole{{ end }}
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "undog.labels" $root | nindent 4 }}
rules:
  {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ if .namespace }}RoleBinding{{ else }}ClusterRoleBinding{{ end }}
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "undog.labels" $root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ if .namespace }}Role{{ else }}ClusterRole{{ end }}
  name: {{ .name }}
subjects:
  {{- include "undog.subject" $root | nindent 2 }}
{{- end -}}
