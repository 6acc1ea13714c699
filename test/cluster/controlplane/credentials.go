package controlplane

import (
	"fmt"
	"net"
	"os"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/access"
)

const (
	// serviceCIDR is where Services get their addresses.
	serviceCIDR = "10.96.0.0/16"
	// serviceAddress is the address of the kubernetes Service, the first of
	// serviceCIDR: pods reach the API server by it, so the certificate names it.
	serviceAddress = "10.96.0.1"
	issuer         = "https://kubernetes.default.svc.cluster.local"

	mastersGroup = "system:masters"
)

// credentials are new ones, or those that are there.
func (o *Options) credentials() (*access.Authority, error) {
	if o.Listen != "" {
		return access.LoadAuthority(o.Dir.CA(), o.Dir.CAKey())
	}
	return writeCredentials(o.Dir)
}

// writeCredentials makes everything the API server reads at start.
func writeCredentials(dir cluster.Dir) (*access.Authority, error) {
	authority, err := access.NewAuthority("undog-local-ca")
	if err != nil {
		return nil, err
	}
	if err := authority.Write(dir.CA(), dir.CAKey()); err != nil {
		return nil, err
	}
	serving, err := authority.Server("kube-apiserver",
		[]string{
			"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local",
		},
		[]net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP(serviceAddress)})
	if err != nil {
		return nil, err
	}
	if err := serving.Write(dir.ServingCert(), dir.ServingKey()); err != nil {
		return nil, err
	}
	toKubelet, err := authority.Client("kube-apiserver-kubelet-client", mastersGroup)
	if err != nil {
		return nil, err
	}
	if err := toKubelet.Write(dir.KubeletClientCert(), dir.KubeletClientKey()); err != nil {
		return nil, err
	}
	if err := access.WriteServiceAccountKeys(dir.ServiceAccountPublicKey(), dir.ServiceAccountKey()); err != nil {
		return nil, err
	}
	return authority, nil
}

// writeKubeconfigs makes the kubeconfigs of people and components. The users
// are those that the API server's built-in RBAC roles are bound to.
func writeKubeconfigs(dir cluster.Dir, authority *access.Authority, server string) error {
	for _, user := range []struct {
		file, name string
		groups     []string
	}{
		{dir.ControllerKubeconfig(), "system:kube-controller-manager", nil},
		{dir.SchedulerKubeconfig(), "system:kube-scheduler", nil},
		// The admin's file comes last: whoever sees it sees the others.
		{dir.AdminKubeconfig(), "admin", []string{mastersGroup}},
	} {
		pair, err := authority.Client(user.name, user.groups...)
		if err != nil {
			return err
		}
		kubeconfig, err := authority.Kubeconfig(server, user.name, pair)
		if err != nil {
			return err
		}
		if err := os.WriteFile(user.file, kubeconfig, 0o600); err != nil {
			return fmt.Errorf("write kubeconfig of %s: %w", user.name, err)
		}
	}
	return nil
}
