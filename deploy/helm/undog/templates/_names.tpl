{{/* The name of what is in a namespace. */}}
{{- define "undog.name" -}}
{{- if contains "undog" .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-undog" (.Release.Name | trunc 44 | trimSuffix "-") }}
{{- end -}}
{{- end -}}

{{/* The name of what is in no namespace: two undogs must not share it. */}}
{{- define "undog.clusterName" -}}
{{- $name := include "undog.name" . -}}
{{- if eq .Release.Namespace $name -}}
{{ $name }}
{{- else -}}
{{ printf "%s-%s" .Release.Namespace $name }}
{{- end -}}
{{- end -}}

{{- define "undog.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "undog.name" .) }}
{{- end -}}

{{- define "undog.user" -}}
{{ printf "system:serviceaccount:%s:%s" .Release.Namespace (include "undog.serviceAccount" .) }}
{{- end -}}

{{- define "undog.selector" -}}
app.kubernetes.io/name: undog
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: undog
{{- end -}}

{{- define "undog.labels" -}}
app.kubernetes.io/name: undog
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "undog.natsSelector" -}}
app.kubernetes.io/name: undog
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: nats
{{- end -}}

{{- define "undog.subject" -}}
- kind: ServiceAccount
  name: {{ include "undog.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{- define "undog.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ printf "%s@%s" .repository .digest }}
{{- else -}}
{{ printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}
{{- end -}}
{{- end -}}
{{- end -}}
