package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/cmd/undog/kube"
)

// reachTimeout is how long the API server may take to answer at the start.
const reachTimeout = 10 * time.Second

// restConfig finds the API server and says how undog talks to it.
func restConfig(kubeconfig, version string, off *atomic.Int64) (*rest.Config, string, error) {
	cfg, from, err := kube.Config(kubeconfig)
	if err != nil {
		return nil, "", err
	}
	cfg.UserAgent = "undog/" + version
	cfg.ContentType = "application/vnd.kubernetes.protobuf"
	cfg.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	// A burst of bad rollouts must not wait for the client's own limiter; the
	// API server has its own (API Priority and Fairness).
	cfg.QPS, cfg.Burst = 200, 400
	cfg.Wrap(newWaiting)
	cfg.Wrap(func(server http.RoundTripper) http.RoundTripper { return &skew{server: server, off: off} })
	return cfg, from, nil
}

// cluster is the API server and how it was found.
type cluster struct {
	client kubernetes.Interface
	meta   metadata.Interface
	rest   *rest.Config
	// inCluster says that undog is a pod of it.
	inCluster bool
	// clockOff is how far undog's clock is ahead of the API server's, in
	// nanoseconds.
	clockOff *atomic.Int64
}

// clients makes the client for whole objects and the one for metadata.
func clients(cfg *rest.Config) (kubernetes.Interface, metadata.Interface, error) {
	client, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return nil, nil, fmt.Errorf("make a client for %s: %w", cfg.Host, err)
	}
	meta, err := metadata.NewForConfig(cfg)
	if err != nil {
		return nil, nil, fmt.Errorf("make a metadata client for %s: %w", cfg.Host, err)
	}
	return client, meta, nil
}

// contactServer asks the API server for its version, so that an address that is wrong
// or a server that is down is said at once.
func contactServer(ctx context.Context, client kubernetes.Interface, host string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	done := make(chan error, 1)
	var version string
	go func() {
		v, err := client.Discovery().ServerVersion()
		if err == nil {
			version = v.GitVersion
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			return "", fmt.Errorf("reach the API server at %s: %w", host, err)
		}
		return version, nil
	case <-ctx.Done():
		return "", fmt.Errorf("reach the API server at %s: no answer within %s", host, reachTimeout)
	}
}

// namespaceFile is where a pod finds the name of its namespace.
const namespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

// ownNamespace is the namespace undog runs in, "" outside a cluster.
func ownNamespace() string {
	if ns := os.Getenv("POD_NAMESPACE"); ns != "" {
		return ns
	}
	data, err := os.ReadFile(namespaceFile)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
