package watcher

import appsv1 "k8s.io/api/apps/v1"

// The tools that own workloads and leave a mark on them.
const (
	managerArgoCD = "Argo CD"
	managerFlux   = "Flux"
	managerHelm   = "Helm"
)

// managerOf recognises the tool that owns a Deployment, "" if none is known. A
// chart that Argo CD or Flux installs is theirs.
func managerOf(d *appsv1.Deployment) string {
	switch {
	case d.Annotations["argocd.argoproj.io/tracking-id"] != "", d.Labels["argocd.argoproj.io/instance"] != "":
		return managerArgoCD
	case d.Labels["kustomize.toolkit.fluxcd.io/name"] != "", d.Labels["helm.toolkit.fluxcd.io/name"] != "":
		return managerFlux
	case d.Labels[LabelManagedBy] == managerHelm && d.Annotations["meta.helm.sh/release-name"] != "":
		return managerHelm
	}
	return ""
}
