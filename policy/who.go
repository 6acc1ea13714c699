package policy

import (
	"strings"
	"time"
)

// applied says for people who last wrote the workload's template, as far as the
// API server knows: the field manager and when, and the tool that owns the
// workload. It is "" if nothing is known, else it begins with a comma.
func (o *Observation) applied() string {
	s := ""
	if o.EditedBy != "" {
		s = ", applied by " + o.EditedBy
		if actsFor(o.EditedBy, o.Manager) {
			s += " (" + o.Manager + ")"
		}
		if !o.EditedAt.IsZero() {
			s += " at " + o.EditedAt.UTC().Format(time.RFC3339)
		}
	}
	if o.Manager != "" && !actsFor(o.EditedBy, o.Manager) {
		s += ", in a workload that " + o.Manager + " manages"
	}
	return s
}

// actsFor tells whether a field manager is the tool's own.
func actsFor(editor, tool string) bool {
	for _, mark := range map[string][]string{
		"Argo CD": {"argocd", "argo-cd"},
		"Flux":    {"kustomize-controller", "helm-controller", "flux"},
		"Helm":    {"helm"},
	}[tool] {
		if strings.Contains(editor, mark) {
			return true
		}
	}
	return false
}
