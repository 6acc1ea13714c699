//go:build e2e

package incluster_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/image"
	"github.com/undog-dev/undog/test/cluster/realnode"
)

const (
	// root is the repository's.
	root = "../../../.."
	// startTimeout bounds the start of everything together.
	startTimeout = 5 * time.Minute

	// undogTag is what make image is told by make e2e.
	undogTag  = "e2e"
	natsImage = "undog.test/nats:2"
	goodImage = "undog.test/app:1.0"
	badImage  = "undog.test/app:1.1"
)

// shared is what the tests use: one cluster, and one node with all images.
var shared struct {
	cluster *cluster.Cluster
	client  kubernetes.Interface
	node    *realnode.Node
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	dir, err := os.MkdirTemp("", "undog-e2e-")
	if err != nil {
		return 0, fmt.Errorf("make folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if shared.cluster, err = cluster.Start(ctx, cluster.Options{}); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, shared.cluster.Stop()) }()
	cfg, err := shared.cluster.RESTConfig()
	if err != nil {
		return 0, err
	}
	if shared.client, err = kubernetes.NewForConfig(cfg); err != nil {
		return 0, fmt.Errorf("make client: %w", err)
	}
	shared.node, err = realnode.Start(ctx, realnode.Options{Cluster: shared.cluster, Dir: filepath.Join(dir, "node"), Log: os.Stderr})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, shared.node.Stop()) }()
	if err := loadImages(ctx, dir); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// loadImages puts undog's image, as it is shipped, and what else there is on the node.
func loadImages(ctx context.Context, dir string) error {
	app, nats := filepath.Join(dir, "testapp"), filepath.Join(dir, "nats-server")
	if err := image.Build(ctx, image.TestApp, app); err != nil {
		return err
	}
	if err := image.Build(ctx, image.NATS, nats); err != nil {
		return err
	}
	if err := image.Write(app+".tar", app,
		image.Image{Tag: goodImage, Env: []string{"VERSION=1.0"}},
		image.Image{Tag: badImage, Args: []string{"exit", "--code=3"}, Env: []string{"VERSION=1.1"}}); err != nil {
		return err
	}
	if err := image.Write(nats+".tar", nats, image.Image{Tag: natsImage}); err != nil {
		return err
	}
	for _, archive := range []string{app + ".tar", nats + ".tar", filepath.Join(os.Getenv("UNDOG_BIN"), "undog-image.tar")} {
		if err := shared.node.ImportImage(ctx, archive); err != nil {
			return err
		}
	}
	return nil
}
