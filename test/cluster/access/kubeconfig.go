package access

import (
	"fmt"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// clusterName names the cluster and the context in every kubeconfig.
const clusterName = "undog-local"

// Kubeconfig renders a self-contained kubeconfig: no file beside it is needed.
func (a *Authority) Kubeconfig(server, user string, pair Pair) ([]byte, error) {
	config := clientcmdapi.NewConfig()
	config.Clusters[clusterName] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: a.CertPEM()}
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{ClientCertificateData: pair.Cert, ClientKeyData: pair.Key}
	config.Contexts[clusterName] = &clientcmdapi.Context{Cluster: clusterName, AuthInfo: user}
	config.CurrentContext = clusterName
	out, err := clientcmd.Write(*config)
	if err != nil {
		return nil, fmt.Errorf("render kubeconfig of %s: %w", user, err)
	}
	return out, nil
}

// RESTConfig is the client configuration of a new certificate for the user.
// The client's own rate limit is off: the API server's priority and fairness
// is the one limit, as it is for the components that share its machine.
func (a *Authority) RESTConfig(server, user string, groups ...string) (*rest.Config, error) {
	pair, err := a.Client(user, groups...)
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host:            server,
		TLSClientConfig: rest.TLSClientConfig{CAData: a.CertPEM(), CertData: pair.Cert, KeyData: pair.Key},
		QPS:             -1,
	}, nil
}
