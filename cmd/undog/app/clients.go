package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/cmd/undog/kube"
	"github.com/undog-dev/undog/watcher/api"
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
	client api.Interface
	// reading is for the watches alone.
	reading api.Reading
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
	if c.client, err = api.New(c.rest); err != nil {
		return err
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
func contactServer(ctx context.Context, client api.Interface, host string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	version, err := client.Version(ctx)
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("reach the API server at %s: no answer within %s", host, reachTimeout)
	case err != nil:
		return "", fmt.Errorf("reach the API server at %s: %w", host, err)
	}
	return version.GitVersion, nil
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
