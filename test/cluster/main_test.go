package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/scripted"
	"github.com/undog-dev/undog/test/script"
)

// The cluster that all tests share; each has its own namespace.
var (
	shared  *cluster.Cluster
	kubelet *scripted.Kubelet
	client  kubernetes.Interface
)

// outageNode is the node that only the test of outages takes down.
const outageNode = "scripted-3"

func TestMain(m *testing.M) {
	if dir, ok := os.LookupEnv(parentVariable); ok {
		// This process is the parent that another test kills.
		beParent(dir)
		return
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	shared, err = cluster.Start(ctx, cluster.Options{Progress: func(step string) { fmt.Fprintln(os.Stderr, step) }})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, shared.Stop()) }()
	config, err := shared.RESTConfigFor("scripted-kubelet", "system:masters")
	if err != nil {
		return 0, err
	}
	kubelet, err = scripted.New(config, scripted.Options{
		Script: &script.Script{Seed: 1},
		Handlers: map[string]http.Handler{"greet": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "hello from a handler")
		})},
	})
	if err != nil {
		return 0, err
	}
	admin, err := shared.RESTConfig()
	if err != nil {
		return 0, err
	}
	if client, err = kubernetes.NewForConfig(admin); err != nil {
		return 0, err
	}
	stopped := make(chan error, 1)
	playing, stop := context.WithCancel(context.Background())
	go func() { stopped <- kubelet.Run(playing) }()
	defer func() {
		stop()
		err = errors.Join(err, <-stopped)
	}()
	select {
	case <-kubelet.Ready():
		return m.Run(), nil
	case err := <-stopped:
		stopped <- nil
		return 0, fmt.Errorf("run scripted kubelet: %w", err)
	case <-ctx.Done():
		return 0, fmt.Errorf("wait for scripted kubelet: %w", ctx.Err())
	}
}
