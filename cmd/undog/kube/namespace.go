package kube

import "k8s.io/client-go/tools/clientcmd"

// Namespace is the one that is meant where none is named, by kubectl's rules:
// that of the context or of the pod, else default.
func Namespace(kubeconfig string) string {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	namespace, _, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{}).Namespace()
	if err != nil || namespace == "" {
		return "default"
	}
	return namespace
}
