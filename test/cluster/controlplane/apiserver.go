package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"

	"github.com/undog-dev/undog/test/cluster"
)

// apiserverFlags are the flags a person would start kube-apiserver with.
func apiserverFlags(dir cluster.Dir) []string {
	return []string{
		"--etcd-servers=" + etcdSocket,
		"--cert-dir=" + string(dir),
		"--tls-cert-file=" + dir.ServingCert(),
		"--tls-private-key-file=" + dir.ServingKey(),
		"--client-ca-file=" + dir.CA(),
		"--kubelet-client-certificate=" + dir.KubeletClientCert(),
		"--kubelet-client-key=" + dir.KubeletClientKey(),
		"--service-account-key-file=" + dir.ServiceAccountPublicKey(),
		"--service-account-signing-key-file=" + dir.ServiceAccountKey(),
		"--service-account-issuer=" + issuer,
		"--service-cluster-ip-range=" + serviceCIDR,
		"--authorization-mode=Node,RBAC",
		"--allow-privileged=true",
		// A loopback address may not appear in Endpoints.
		"--endpoint-reconciler-type=none",
		// It taints new nodes until the node lifecycle controller, which does
		// not run here, takes the taint away.
		"--disable-admission-plugins=TaintNodesByCondition",
		"--audit-policy-file=" + dir.AuditPolicy(),
		"--audit-log-path=" + dir.AuditLog(),
		"--audit-log-format=json",
		// A request's record is on disk before its reply is sent.
		"--audit-log-mode=blocking",
		"--audit-log-maxsize=1024",
	}
}

// newAPIServer parses and completes the options of an API server on the
// listener; the listener is open already, so no other process can take the port.
func newAPIServer(ctx context.Context, dir cluster.Dir, listener net.Listener) (options.CompletedOptions, error) {
	opts := options.NewServerRunOptions()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, set := range opts.Flags().FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(apiserverFlags(dir)); err != nil {
		return options.CompletedOptions{}, fmt.Errorf("parse kube-apiserver flags: %w", err)
	}
	opts.SecureServing.Listener = listener
	opts.SecureServing.ExternalAddress = listener.Addr().(*net.TCPAddr).IP

	if err := opts.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return options.CompletedOptions{}, fmt.Errorf("set feature gates: %w", err)
	}
	// The API server's loopback clients would log the warnings they cause.
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	completed, err := opts.Complete(ctx)
	if err != nil {
		return options.CompletedOptions{}, fmt.Errorf("complete kube-apiserver options: %w", err)
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return options.CompletedOptions{}, fmt.Errorf("validate kube-apiserver options: %w", errors.Join(errs...))
	}
	return completed, nil
}

// startAPIServer runs the API server at an address, "" for a free loopback port,
// until ctx ends. It returns its URL and a function that waits for its end; a server that ends
// earlier calls fail.
func startAPIServer(ctx context.Context, fail context.CancelCauseFunc, dir cluster.Dir, address string) (string, func(), error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf("listen for kube-apiserver: %w", err)
	}
	opts, err := newAPIServer(ctx, dir, listener)
	if err != nil {
		return "", nil, errors.Join(err, listener.Close())
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := app.Run(ctx, opts); err != nil {
			fail(fmt.Errorf("run kube-apiserver: %w", err))
			return
		}
		fail(errors.New("kube-apiserver ended although nobody stopped it"))
	}()
	return "https://" + listener.Addr().String(), func() { <-done }, nil
}
