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
	"github.com/undog-dev/undog/watcher/slim"
	"github.com/undog-dev/undog/watcher/source"
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
	// A burst of bad rollouts must not wait for the client's own limiter. The
	// number of workers bounds what is asked at once, and the API server has limits
	// of its own (API Priority and Fairness), which newWaiting keeps.
	cfg.QPS = -1
	cfg.Wrap(newWaiting)
	cfg.Wrap(func(server http.RoundTripper) http.RoundTripper { return &skew{server: server, off: off} })
	return cfg, from, nil
}

// cluster is the API server and how it was found.
type cluster struct {
	client kubernetes.Interface
	// reading is for the watches alone.
	reading source.Client
	// specs are those that reading leaves out.
	specs *slim.Specs
	meta  metadata.Interface
	rest  *rest.Config
	// inCluster says that undog is a pod of it.
	inCluster bool
	// clockOff is how far undog's clock is ahead of the API server's, in
	// nanoseconds.
	clockOff *atomic.Int64
}

// clients makes the client for whole objects, the one for metadata and the one for
// the watches.
func (c *cluster) clients() (err error) {
	if c.client, err = kubernetes.NewForConfig(c.rest); err != nil {
		return fmt.Errorf("make a client for %s: %w", c.rest.Host, err)
	}
	if c.meta, err = metadata.NewForConfig(c.rest); err != nil {
		return fmt.Errorf("make a metadata client for %s: %w", c.rest.Host, err)
	}
	c.specs = &slim.Specs{}
	c.reading, err = source.NewClient(c.rest, c.specs)
	return err
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
