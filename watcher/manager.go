package watcher

import (
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The tools that own workloads and leave a mark on them.
const (
	managerArgoCD = "Argo CD"
	managerFlux   = "Flux"
	managerHelm   = "Helm"
)

// hpa is the autoscaler, and scale the subresource by which it and nothing else
// of the controller manager writes.
const (
	hpa               = "HPA"
	controllerManager = "kube-controller-manager"
	scale             = "scale"
)

// writers are the tools by what they call themselves when they write.
var writers = map[string]string{
	"argocd-controller": managerArgoCD, "argocd-application-controller": managerArgoCD,
	"kustomize-controller": managerFlux, "helm-controller": managerFlux,
	"helm": managerHelm, "Helm": managerHelm,
}

// managerOf recognises the tool that owns a Deployment by the marks that it
// leaves, or else by who writes the template; "" if none is known. A chart that
// Argo CD or Flux installs is theirs.
func managerOf(d *appsv1.Deployment) string {
	switch {
	case d.Annotations["argocd.argoproj.io/tracking-id"] != "", d.Labels["argocd.argoproj.io/instance"] != "":
		return managerArgoCD
	case d.Labels["kustomize.toolkit.fluxcd.io/name"] != "", d.Labels["helm.toolkit.fluxcd.io/name"] != "":
		return managerFlux
	case d.Labels[LabelManagedBy] == managerHelm && d.Annotations["meta.helm.sh/release-name"] != "":
		return managerHelm
	}
	return writerOf(d.ManagedFields)
}

// writerOf is the tool that has written something of the template, whoever
// wrote to it since.
func writerOf(entries []metav1.ManagedFieldsEntry) string {
	tool := ""
	for i := range entries {
		e := &entries[i]
		if known := writers[e.Manager]; known != "" && (tool == "" || tool == managerHelm) &&
			e.Subresource == "" && e.FieldsV1 != nil && ownsTemplate(e.FieldsV1.GetRawBytes()) {
			tool = known
		}
	}
	return tool
}

// ownerOf is the object that controls a Deployment, as kind/name, "" if
// none does.
func ownerOf(d *appsv1.Deployment) string {
	owner := metav1.GetControllerOfNoCopy(d)
	if owner == nil {
		return ""
	}
	return cleanName(owner.Kind+"/"+owner.Name, maxReason)
}

// scalerOf is who last set the number of replicas without the template.
func scalerOf(d *appsv1.Deployment) string {
	var by string
	var at int64
	for i := range d.ManagedFields {
		e := &d.ManagedFields[i]
		if e.FieldsV1 == nil || e.Subresource != "" && e.Subresource != scale {
			continue
		}
		fields := e.FieldsV1.GetRawBytes()
		// Servers do not say when a scale was written.
		t := int64(0)
		if e.Time != nil {
			t = unixSeconds(*e.Time)
		}
		if t >= at && ownsReplicas(fields) && !ownsTemplate(fields) {
			by, at = e.Manager, t
			if e.Subresource == scale && e.Manager == controllerManager {
				by = hpa
			}
		}
	}
	return cleanName(by, maxReason)
}

// ownsReplicas tells whether a set of fields has spec.replicas.
func ownsReplicas(fields []byte) bool {
	spec, ok := member(fields, "f:spec")
	if !ok {
		return false
	}
	_, ok = member(spec, "f:replicas")
	return ok
}
