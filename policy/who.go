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
	if o.Owner != "" {
		s += ", in a workload that " + o.Owner + " controls"
	}
	return s
}

// Author is who last wrote a workload's template, as far as the API server knows.
type Author struct {
	// FieldManager is what the writer called itself.
	FieldManager string `json:"fieldManager,omitempty"`
	// Tool owns the workload: Argo CD, Flux or Helm; "" if none is recognised.
	Tool string `json:"tool,omitempty"`
	// Owner is the object that controls the workload, as kind/name; ""
	// if there is none.
	Owner string `json:"owner,omitempty"`
	// ScaledBy set the number of replicas: HPA, or a field manager.
	ScaledBy string `json:"scaledBy,omitempty"`
	// At is when it was written, by the API server's clock.
	At time.Time `json:"at,omitzero"`
}

// author is who wrote the template that is current, nil if nothing is known.
func (o *Observation) author() *Author {
	a := Author{FieldManager: cutText(o.EditedBy, MaxMessage), Tool: o.Manager, Owner: o.Owner, ScaledBy: o.ScaledBy, At: o.EditedAt}
	if a == (Author{}) {
		return nil
	}
	return &a
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
