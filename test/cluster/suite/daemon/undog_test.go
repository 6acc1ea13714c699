package daemon_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/notify/nats/embedded"
	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/hold"
)

// setup is how a test's undog runs; the zero value is the usual way.
type setup struct {
	kubeconfig string // "" is the one with the shipped rights.
	mode       string // "" is enforce.
	policy     string // Fields of the one policy, beside its name and bake.
	also       string // A namespace that is watched beside the test's.
	nats       string // "" is the embedded server.
	dir        string // "" is a fresh one.
	env        []string
	checks     string        // What else the configuration says, beside the policy.
	bake       time.Duration // 0 is the shortest.
}

// bake is long enough to be told from no bake at all.
const bake = 2 * time.Second

// undog runs one and waits until it has seen the cluster.
func (f *fixture) undog(s setup) *daemon.Daemon {
	f.t.Helper()
	if s.kubeconfig == "" {
		s.kubeconfig = undogKubeconfig
	}
	if s.mode == "" {
		s.mode = "enforce"
	}
	if s.bake == 0 {
		s.bake = bake
	}
	if s.dir == "" {
		s.dir = f.t.TempDir()
	}
	d, err := daemon.Start(daemon.Options{
		Kubeconfig: s.kubeconfig, Dir: s.dir, NATSURL: s.nats, Env: s.env,
		Config: fmt.Sprintf("mode: %s\nwatch: {namespaces: [%s]}\npolicies: [{name: test, bake: %s, %s}]\n%s", s.mode, strings.TrimSuffix(f.namespace+","+s.also, ","), s.bake, s.policy, s.checks),
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		stopping, cancel := context.WithTimeout(context.Background(), 40*time.Second)
		defer cancel()
		if f.t.Failed() {
			f.showLog(s.dir)
		}
		if !ended(d) {
			if err := d.Stop(stopping); err != nil {
				f.t.Errorf("stop undog: %v", err)
			}
		}
	})
	if err := d.Ready(f.ctx); err != nil {
		f.t.Fatal(err)
	}
	return d
}

func ended(d *daemon.Daemon) bool {
	select {
	case <-d.Done():
		return true
	default:
		return false
	}
}

// showLog is for people who look for the cause of a failure.
func (f *fixture) showLog(dir string) {
	raw, err := os.ReadFile(filepath.Join(dir, "undog.log"))
	if err != nil {
		f.t.Log(err)
		return
	}
	f.t.Logf("undog's log:\n%s", raw)
}

// proxy stands between undog and the API server.
func (f *fixture) proxy() (proxy *hold.API, kubeconfig string) {
	f.t.Helper()
	config, err := control.RESTConfigFor(undogUser, undogGroups...)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.proxyOf(config)
}

// proxyOf is proxy with a configuration of the test's own.
func (f *fixture) proxyOf(config *rest.Config) (proxy *hold.API, kubeconfig string) {
	f.t.Helper()
	proxy, err := hold.NewAPI(config)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			f.t.Error(err)
		}
	})
	if kubeconfig, err = proxy.Kubeconfig(f.t.TempDir()); err != nil {
		f.t.Fatal(err)
	}
	return proxy, kubeconfig
}

// to matches requests with the method for the Deployment.
func (f *fixture) to(method, name string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return r.Method == method && strings.HasSuffix(r.URL.Path, "/namespaces/"+f.namespace+"/deployments/"+name)
	}
}

// wait receives from a gate or another signal.
func (f *fixture) wait(what string, c <-chan struct{}) {
	f.t.Helper()
	select {
	case <-c:
	case <-f.ctx.Done():
		f.t.Fatalf("wait for %s: %v", what, f.ctx.Err())
	}
}

// natsServer outlives every undog of the test.
func (f *fixture) natsServer() string {
	f.t.Helper()
	server, err := embedded.Start(embedded.Options{Listen: "127.0.0.1:0", StoreDir: f.t.TempDir()})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		stopping, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := server.Shutdown(stopping); err != nil {
			f.t.Error(err)
		}
	})
	return server.ClientURL()
}

// natsProxy stands between undog and the server.
func (f *fixture) natsProxy(server string) *hold.NATS {
	f.t.Helper()
	proxy, err := hold.NewNATS(server)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			f.t.Error(err)
		}
	})
	return proxy
}
