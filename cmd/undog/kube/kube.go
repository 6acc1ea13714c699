// Package kube finds the API server that a command is to talk to. It reads
// configuration and opens no connection.
package kube

import (
	"errors"
	"fmt"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// ServiceAccount is where the configuration was read from inside a cluster.
const ServiceAccount = "the pod's service account"

// Config returns how to reach the API server, and where that was read. A
// named kubeconfig is the only one looked at; without one it is the pod's own
// service account when undog runs in a pod, and kubectl's rules elsewhere
// ($KUBECONFIG, then ~/.kube/config).
func Config(kubeconfig string) (*rest.Config, string, error) {
	if kubeconfig == "" {
		c, err := rest.InClusterConfig()
		switch {
		case err == nil:
			return c, ServiceAccount, nil
		case !errors.Is(err, rest.ErrNotInCluster):
			return nil, "", fmt.Errorf("read the pod's service account: %w", err)
		}
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	c, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{}).ClientConfig()
	switch {
	case clientcmd.IsEmptyConfig(err):
		return nil, "", fmt.Errorf("find a cluster: not in a pod, and no kubeconfig names one; set --kubeconfig or $KUBECONFIG")
	case err != nil && kubeconfig != "":
		return nil, "", fmt.Errorf("read kubeconfig %s: %w", kubeconfig, err)
	case err != nil:
		return nil, "", fmt.Errorf("read kubeconfig: %w", err)
	}
	source := kubeconfig
	if source == "" {
		source = rules.GetDefaultFilename()
	}
	return c, "kubeconfig " + source, nil
}
