//go:build e2e

package realnode_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/image"
	"github.com/undog-dev/undog/test/cluster/realnode"
)

// appTag is the application of most tests; its arguments are the container's.
const appTag = "undog.test/app:1.0"

// startTimeout bounds the start of cluster and node together.
const startTimeout = 5 * time.Minute

// shared is what all tests use: one cluster with one node.
var shared struct {
	cluster *cluster.Cluster
	node    *realnode.Node
	config  *rest.Config
	client  kubernetes.Interface
	archive string
}

func TestMain(m *testing.M) {
	if kubeconfig := os.Getenv(parentVariable); kubeconfig != "" {
		fmt.Println(beParent(kubeconfig))
		os.Exit(1)
	}
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
	if err := buildApp(ctx, dir); err != nil {
		return 0, err
	}
	begun := time.Now()
	progress := func(step string) { fmt.Printf("%6.2fs %s\n", time.Since(begun).Seconds(), step) }
	if shared.cluster, err = cluster.Start(ctx, cluster.Options{Progress: progress}); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, shared.cluster.Stop()) }()
	if shared.config, err = shared.cluster.RESTConfig(); err != nil {
		return 0, err
	}
	if shared.client, err = kubernetes.NewForConfig(shared.config); err != nil {
		return 0, fmt.Errorf("make client: %w", err)
	}
	nodeDir := filepath.Join(dir, "node")
	shared.node, err = realnode.Start(ctx, realnode.Options{Cluster: shared.cluster, Dir: nodeDir, Log: os.Stderr, Progress: progress})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, shared.node.Stop()) }()
	progress("node is Ready")
	if err := shared.node.ImportImage(ctx, shared.archive); err != nil {
		return 0, err
	}
	progress("test image is loaded")
	return m.Run(), nil
}

func buildApp(ctx context.Context, dir string) error {
	program := filepath.Join(dir, "testapp")
	if err := image.Build(ctx, image.TestApp, program); err != nil {
		return err
	}
	shared.archive = filepath.Join(dir, "app.tar")
	return image.Write(shared.archive, program,
		image.Image{Tag: appTag, Env: []string{"VERSION=1.0"}},
		image.Image{Tag: "undog.test/app:1.1", Args: []string{"exit", "--code=3"}, Env: []string{"VERSION=1.1"}})
}
