{{/* The server that undog publishes to, "" for one inside it. */}}
{{- define "undog.natsURL" -}}
{{- if .Values.nats.url -}}
{{ .Values.nats.url }}
{{- else if .Values.nats.server.enabled -}}
{{ printf "nats://%s-nats.%s.svc:4222" (include "undog.name" .) .Release.Namespace }}
{{- end -}}
{{- end -}}

{{/* How undog logs in, as YAML; the server beside it has users of its own. */}}
{{- define "undog.natsAuth" -}}
{{- with .Values.nats -}}
{{- if .auth.type -}}
{{- if not (and .auth.secret .auth.key) }}{{ fail "nats.auth.type is set: name the Secret and its key in nats.auth.secret and nats.auth.key" }}{{ end -}}
{{- if and (eq .auth.type "password") (not .auth.user) }}{{ fail "nats.auth.type is password: name the user in nats.auth.user" }}{{ end -}}
{{ toYaml .auth }}
{{- else if .server.enabled -}}
{{- if not .server.secret }}{{ fail "nats.server.enabled is true: name the Secret with the users' passwords in nats.server.secret" }}{{ end -}}
type: password
user: undog
secret: {{ .server.secret | quote }}
key: UNDOG_PASSWORD
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What undog is told about NATS. */}}
{{- define "undog.nats" -}}
{{- $url := include "undog.natsURL" . -}}
{{- with .Values.nats -}}
{{- if $url -}}
url: {{ $url | quote }}
{{- $auth := include "undog.natsAuth" $ | fromYaml }}
{{- $file := printf "/etc/undog-nats/%s" ($auth.key | default "") }}
{{- if eq ($auth.type | default "") "password" }}
user: {{ $auth.user | quote }}
passwordFile: {{ $file }}
{{- else if eq ($auth.type | default "") "token" }}
tokenFile: {{ $file }}
{{- else if $auth.type }}
{{ $auth.type }}: {{ $file }}
{{- end }}
{{- if .tls.secret }}
tls:
  ca: /etc/undog-nats-tls/ca.crt
  {{- if .tls.clientCertificate }}
  cert: /etc/undog-nats-tls/tls.crt
  key: /etc/undog-nats-tls/tls.key
  {{- end }}
{{- end }}
{{- with .inboxPrefix | default (ternary "_INBOX_undog" "" (and .server.enabled (not .auth.type))) }}
inboxPrefix: {{ . | quote }}
{{- end }}
{{- else -}}
storeDir: /var/lib/undog
{{- end }}
stream:
  {{- toYaml .stream | nindent 2 }}
{{- end -}}
{{- end -}}

{{- define "undog.replicas" -}}
{{- if kindIs "invalid" .Values.replicas -}}
{{ ternary 2 1 (ne (include "undog.natsURL" .) "") }}
{{- else -}}
{{ .Values.replicas }}
{{- end -}}
{{- end -}}

{{/* The Lease, as YAML: its name and namespace. */}}
{{- define "undog.lease" -}}
{{- $said := .Values.config.leaderElection | default dict -}}
name: {{ $said.name | default (include "undog.name" .) }}
namespace: {{ $said.namespace | default .Release.Namespace }}
{{- if ne (toString $said.enabled) "false" }}
elected: true
{{- else if gt (include "undog.replicas" . | int) 1 }}
{{- fail "replicas is above 1, and config.leaderElection.enabled is false: one undog acts, so elect it" }}
{{- end }}
{{- end -}}

{{/* The configuration file. */}}
{{- define "undog.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config "http" (dict "addr" ":8080") -}}
{{- $_ := set $config "log" (merge (dict "format" "json") ($config.log | default dict)) -}}
{{- $_ := set $config "leaderElection" (merge (omit (include "undog.lease" . | fromYaml) "elected" "namespace") ($config.leaderElection | default dict)) -}}
{{- $_ := set $config "nats" (include "undog.nats" . | fromYaml) -}}
{{ toYaml $config }}
{{- end -}}

{{/* What undog reads only when it starts: a change of it takes new pods. The rest
undog takes from its file while it runs. */}}
{{- define "undog.configAtStart" -}}
{{- $config := include "undog.config" . | fromYaml -}}
{{- $_ := set $config "log" (omit $config.log "level") -}}
{{ toYaml (omit $config "mode" "brake" "policies" "checks" "personas" "prometheus") }}
{{- end -}}
