package install_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/scripted"
	"github.com/undog-dev/undog/test/script"
)

const (
	// root is the repository's.
	root = "../../../.."
	// patience bounds a test as a whole, on a machine that is busy.
	patience = 3 * time.Minute
)

// update writes what is rendered into deploy/kustomize.
var update = flag.Bool("update", false, "write the rendered parts of deploy/kustomize")

var (
	control *cluster.Cluster
	config  *rest.Config
	admin   kubernetes.Interface
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if control, err = cluster.Start(ctx, cluster.Options{}); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, control.Stop()) }()
	if config, err = control.RESTConfig(); err != nil {
		return 0, err
	}
	// Pods that no kubelet ever runs need not be secure.
	config.WarningHandler = rest.NoWarnings{}
	if admin, err = kubernetes.NewForConfig(config); err != nil {
		return 0, err
	}
	plan, err := script.Parse([]byte(`
backOff: {base: 500ms, max: 3s, retry: 200ms}
rules:
  - {name: crashes, match: {image: "*:crash*"}, play: {exits: [{after: 200ms, code: 3}]}}
`))
	if err != nil {
		return 0, err
	}
	kubelet, err := scripted.New(config, scripted.Options{Script: plan})
	if err != nil {
		return 0, err
	}
	playing, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- kubelet.Run(playing) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	select {
	case <-kubelet.Ready():
		return m.Run(), nil
	case err := <-ended:
		ended <- nil
		return 0, fmt.Errorf("run scripted kubelet: %w", err)
	case <-ctx.Done():
		return 0, fmt.Errorf("wait for scripted kubelet: %w", ctx.Err())
	}
}
