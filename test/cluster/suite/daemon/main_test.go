package daemon_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/scripted"
	"github.com/undog-dev/undog/test/script"
)

// plays is how containers behave, by the tag of their image. The back-off is
// a twentieth of the kubelet's: only its order matters here.
const plays = `
backOff: {base: 500ms, max: 3s, retry: 200ms}
rules:
  - {name: crashes, match: {image: "*:crash*"}, play: {exits: [{after: 200ms, code: 3}], log: [cannot go on]}}
  - {name: exits twice, match: {image: "*:twice*"}, play: {exits: [{after: 200ms, code: 3, times: 2}], then: run}}
  - {name: does not exist, match: {image: "*:missing*"}, play: {fail: {reason: ErrImagePull}}}
  - {name: has no command, match: {image: "*:nocommand*"}, play: {fail: {reason: RunContainerError}}}
  - {name: is never ready, match: {image: "*:unready*"}, play: {ready: {never: true}}}
  - {name: greets, match: {image: "*:1.0"}, play: {http: {port: 8000, routes: [{path: /, body: "<title>Site</title><main><h1>Welcome admin!</h1><p>You have 3 letters, {{ .random }}.</p></main>"}]}}}
  - {name: greets otherwise, match: {image: "*:otherwise"}, play: {http: {port: 8000, routes: [{path: /, body: "<title>Our site</title><main><h2>News</h2><h1>Welcome admin!</h1><p>You have 3 letters, {{ .random }}.</p></main>"}]}}}
  - {name: greets nobody, match: {image: "*:nobody*"}, play: {http: {port: 8000, routes: [{path: /, body: "<title>Site</title><main><h1>Welcome !</h1><p>You have 3 letters, {{ .random }}.</p></main>"}]}}}
  - {name: starts slowly, match: {image: "*:slow*"}, play: {ready: {after: 60s}}}
`

// atOnce is how many tests, and with them undogs, run at the same time; most
// of them wait most of the time.
const atOnce = "7"

var (
	control *cluster.Cluster
	admin   kubernetes.Interface
	// undogKubeconfig is of the service account of deploy/rbac.yaml.
	undogKubeconfig string
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
	if err := flag.Set("test.parallel", atOnce); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if control, err = cluster.Start(ctx, cluster.Options{}); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, control.Stop()) }()
	config, err := control.RESTConfig()
	if err != nil {
		return 0, err
	}
	if admin, err = kubernetes.NewForConfig(config); err != nil {
		return 0, err
	}
	if err := grant(ctx, config); err != nil {
		return 0, err
	}
	if undogKubeconfig, err = control.KubeconfigFor(undogUser, undogGroups...); err != nil {
		return 0, err
	}
	plan, err := script.Parse([]byte(plays))
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
		if code = m.Run(); code == 0 && *faultsPage != "" {
			err = faults.Write(*faultsPage, "undog")
		}
		if code == 0 && err == nil && *stressPage != "" {
			err = stressed.write(*stressPage)
		}
		return code, err
	case err := <-ended:
		ended <- nil
		return 0, fmt.Errorf("run scripted kubelet: %w", err)
	case <-ctx.Done():
		return 0, fmt.Errorf("wait for scripted kubelet: %w", ctx.Err())
	}
}
