{{/* A null takes away the chart's own values with the section. */}}
{{- define "undog.validateSections" -}}
{{- $wrong := list -}}
{{- range $path := list "config" "image" "nats" "nats.auth" "nats.tls" "nats.stream" "nats.server" "nats.server.persistence" "serviceAccount" "rbac" "admissionPolicy" "flowControl" "resources" "podDisruptionBudget" "networkPolicy" "metrics" "metrics.serviceMonitor" "metrics.prometheusRule" "metrics.dashboard" -}}
  {{- $at := $.Values -}}
  {{- range splitList "." $path }}{{ $at = get ($at | default dict) . }}{{ end -}}
  {{- if not (kindIs "map" $at) -}}
    {{- $wrong = append $wrong (printf "%s is null: leave it out to keep the chart's values, or write only the keys below it that differ" $path) -}}
  {{- end -}}
{{- end -}}
{{- with $wrong }}{{ fail (join "\n" . | printf "\n%s") }}{{ end -}}
{{- end -}}

{{/* What contradicts itself about NATS, as a list. */}}
{{- define "undog.validateNATS" -}}
{{- $wrong := list -}}
{{- with .Values.nats -}}
{{- if and .auth.type (not (or .url .server.enabled)) -}}
  {{- $wrong = append $wrong "nats.auth.type is set, and nats.url is not: name the server to log in to in nats.url, or leave out nats.auth" -}}
{{- end -}}
{{- if not .auth.type -}}
  {{- range $key := list "secret" "key" "user" -}}
    {{- if get $.Values.nats.auth $key -}}
      {{- $wrong = append $wrong (printf "nats.auth.%s is set, and nats.auth.type is not: say what the Secret holds in nats.auth.type (credentials, nkey, token or password), or leave out nats.auth.%s" $key $key) -}}
    {{- end -}}
  {{- end -}}
{{- else if and .auth.user (ne .auth.type "password") -}}
  {{- $wrong = append $wrong (printf "nats.auth.user is set, and nats.auth.type is %s: only a password has a user; leave out nats.auth.user, or set nats.auth.type=password" .auth.type) -}}
{{- end -}}
{{- if and .tls.clientCertificate (not .tls.secret) -}}
  {{- $wrong = append $wrong "nats.tls.clientCertificate is true, and nats.tls.secret is not set: name the Secret with ca.crt, tls.crt and tls.key in nats.tls.secret, or set nats.tls.clientCertificate=false" -}}
{{- end -}}
{{- if and .auth.type .server.enabled (not .url) -}}
  {{- $wrong = append $wrong "nats.auth.type is set, and undog logs in to the chart's own server as its user undog, with UNDOG_PASSWORD of nats.server.secret: leave out nats.auth, or name another server in nats.url and set nats.server.enabled=false" -}}
{{- end -}}
{{- if not .url -}}
  {{- if and (not .server.enabled) (ne .stream.manage "ensure") -}}
    {{- $wrong = append $wrong (printf "nats.stream.manage is %s, and undog runs a server of its own, in which nobody else makes a stream: name the server in nats.url, or leave out nats.stream.manage" .stream.manage) -}}
  {{- end -}}
  {{- if .stream.domain -}}
    {{- $wrong = append $wrong "nats.stream.domain is set, and nats.url is not: only servers of others have domains; name the server in nats.url, or leave out nats.stream.domain" -}}
  {{- end -}}
  {{- if gt (int .stream.replicas) 1 -}}
    {{- $wrong = append $wrong (printf "nats.stream.replicas is %d, and there is one server to keep events on: name a cluster of servers in nats.url, or leave out nats.stream.replicas" (int .stream.replicas)) -}}
  {{- end -}}
{{- end -}}
{{- if and .tls.secret (not .url) -}}
  {{- $wrong = append $wrong "nats.tls.secret is set, and nats.url is not: no other server of undog's speaks TLS; name the one that does in nats.url, or leave out nats.tls" -}}
{{- end -}}
{{- end -}}
{{ toYaml $wrong }}
{{- end -}}

{{/* A duration such as 1m30s in seconds, "" for what is none. */}}
{{- define "undog.seconds" -}}
{{- if regexMatch "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$" (toString .) -}}
  {{- $units := dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 -}}
  {{- $sum := 0.0 -}}
  {{- range regexFindAll "[0-9.]+(ms|s|m|h)" (toString .) -1 -}}
    {{- $sum = addf $sum (mulf (regexFind "[0-9.]+" . | float64) (get $units (regexFind "[a-z]+" .))) -}}
  {{- end -}}
  {{ $sum }}
{{- end -}}
{{- end -}}

{{/* What contradicts itself about the election, as a list: undog says the same of
its file, but only after the pods have been replaced. */}}
{{- define "undog.validateElection" -}}
{{- $wrong := list -}}
{{- $said := .Values.config.leaderElection | default dict -}}
{{- $lease := $said.leaseDuration | default "15s" -}}
{{- $deadline := $said.renewDeadline | default "10s" -}}
{{- $retry := $said.retryPeriod | default "2s" -}}
{{- $leaseSeconds := include "undog.seconds" $lease -}}
{{- $deadlineSeconds := include "undog.seconds" $deadline -}}
{{- $retrySeconds := include "undog.seconds" $retry -}}
{{- if and $leaseSeconds $deadlineSeconds (ge (float64 $deadlineSeconds) (float64 $leaseSeconds)) -}}
  {{- $wrong = append $wrong (printf "config.leaderElection.renewDeadline (%v) is not shorter than config.leaderElection.leaseDuration (%v): one undog would still act while the next one does; set it to about two thirds of leaseDuration" $deadline $lease) -}}
{{- end -}}
{{- if and $retrySeconds $deadlineSeconds (gt (mulf 2.0 (float64 $retrySeconds)) (float64 $deadlineSeconds)) -}}
  {{- $wrong = append $wrong (printf "config.leaderElection.retryPeriod (%v) leaves no second try within config.leaderElection.renewDeadline (%v): set it to about a fifth of renewDeadline" $retry $deadline) -}}
{{- end -}}
{{ toYaml $wrong }}
{{- end -}}

{{/* Labels and annotations that are the chart's own, as a list. */}}
{{- define "undog.validateLabels" -}}
{{- $wrong := list -}}
{{- $own := concat (keys (include "undog.labels" . | fromYaml)) (keys (include "undog.selector" . | fromYaml)) | uniq | sortAlpha -}}
{{- range $at, $labels := dict "podLabels" .Values.podLabels "metrics.serviceMonitor.labels" .Values.metrics.serviceMonitor.labels "metrics.prometheusRule.labels" .Values.metrics.prometheusRule.labels "metrics.dashboard.labels" .Values.metrics.dashboard.labels -}}
  {{- range $own -}}
    {{- if hasKey ($labels | default dict) . -}}
      {{- $wrong = append $wrong (printf "%s sets %s, which is the chart's own label: leave it out, or choose another name" $at .) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if hasKey (.Values.podAnnotations | default dict) "undog.dev/config" -}}
  {{- $wrong = append $wrong "podAnnotations sets undog.dev/config, which is the chart's own, to replace the pods when the configuration changes: leave it out, or choose another name" -}}
{{- end -}}
{{ toYaml $wrong }}
{{- end -}}
