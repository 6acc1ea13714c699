//go:build e2e

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"k8s.io/client-go/kubernetes"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/image"
	"github.com/undog-dev/undog/test/cluster/realnode"
)

const (
	// startTimeout bounds the start of everything together.
	startTimeout = 5 * time.Minute
	// stepTimeout bounds the wait for anything that one test waits for.
	stepTimeout = 3 * time.Minute

	goodImage = "undog.test/app:1.0"
	badImage  = "undog.test/app:1.1"
)

// shared is what all tests use: one cluster, one node, one undog.
var shared struct {
	cluster *cluster.Cluster
	client  kubernetes.Interface
	node    *realnode.Node
	undog   *daemon.Daemon
	nats    *nats.Conn
	rows    []row
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
	if err := loadImages(ctx, dir, shared.node); err != nil {
		return 0, err
	}
	if err := startUndog(ctx, dir); err != nil {
		return 0, err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err = errors.Join(err, shared.undog.Stop(stopping))
	}()
	if shared.nats, err = nats.Connect(shared.undog.NATSURL); err != nil {
		return 0, fmt.Errorf("subscribe to the events: %w", err)
	}
	defer shared.nats.Close()
	code = m.Run()
	printRows()
	return code, nil
}

// loadImages makes the images and puts them on the node.
func loadImages(ctx context.Context, dir string, node *realnode.Node) error {
	program := filepath.Join(dir, "testapp")
	if err := image.Build(ctx, image.TestApp, program); err != nil {
		return err
	}
	archive := filepath.Join(dir, "app.tar")
	if err := image.Write(archive, program,
		image.Image{Tag: goodImage, Env: []string{"VERSION=1.0"}},
		image.Image{Tag: badImage, Args: []string{"exit", "--code=3"}, Env: []string{"VERSION=1.1"}}); err != nil {
		return err
	}
	return node.ImportImage(ctx, archive)
}

// startUndog runs undog with a bake window that a test can wait for. The site
// has one of its own.
func startUndog(ctx context.Context, dir string) error {
	home := filepath.Join(dir, "undog")
	if err := os.Mkdir(home, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	var err error
	if shared.undog, err = daemon.Start(daemon.Options{
		Kubeconfig: shared.cluster.Kubeconfig(), Dir: home,
		Config: "policies: [{name: e2e, bake: 3s}]\nwatch: {selector: app!=welcome}\n",
	}); err != nil {
		return err
	}
	return shared.undog.Ready(ctx)
}
