//go:build e2e

package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/image"
)

const (
	// example is the site, its manifests and undog's configurations.
	example = "../../../examples/django"

	goodSite = "welcome.example/site:1.0"
	badSite  = "welcome.example/site:1.1"
	// siteTimeout bounds one play of the story.
	siteTimeout = 3 * time.Minute
)

// welcome is the story of the site in a namespace of its own.
type welcome struct {
	*story
	config string
	// touched are the pods that were made ready.
	touched map[string]bool
}

// siteRights makes a kubeconfig with the shipped rights and no others, once.
var siteRights = sync.OnceValues(func() (string, error) {
	config, err := shared.cluster.RESTConfig()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	if err := daemon.Grant(ctx, config, "../../../deploy/rbac.yaml"); err != nil {
		return "", err
	}
	return shared.cluster.KubeconfigFor(daemon.User, daemon.Groups()...)
})

// siteImages makes the images from the packages of this machine, once.
var siteImages = sync.OnceValue(func() error {
	dir, err := os.MkdirTemp("", "undog-site-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	python, err := image.Packages(ctx, "python3-django", "coreutils", "dash")
	if err != nil {
		return err
	}
	const at = "/srv/welcome"
	site, err := image.Folder(filepath.Join(example, "site"), at)
	if err != nil {
		return err
	}
	bug, err := image.Folder(filepath.Join(example, "v1.1"), at)
	if err != nil {
		return err
	}
	good := image.Image{
		Tag: goodSite, Layers: []image.Layer{python, site}, Dir: at,
		Entrypoint: []string{"python3", "manage.py", "serve"},
		Env:        []string{"PATH=/usr/bin", "PYTHONUNBUFFERED=1"},
	}
	bad := good
	bad.Tag, bad.Layers = badSite, []image.Layer{python, site, bug}
	archive := filepath.Join(dir, "site.tar")
	if err := image.Pack(archive, good, bad); err != nil {
		return err
	}
	return shared.node.ImportImage(ctx, archive)
})

// visit makes a namespace for the site and reads the example's configuration.
func visit(t *testing.T, name, config string) *welcome {
	t.Helper()
	if err := siteImages(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(example, config))
	if err != nil {
		t.Fatal(err)
	}
	w := &welcome{story: open(t, name, siteTimeout), touched: map[string]bool{}}
	w.app = "welcome"
	w.config = w.replaced(w.replaced(string(raw), "namespaces: [welcome]", "namespaces: ["+w.namespace+"]"),
		"{namespace: welcome,", "{namespace: "+w.namespace+",")
	w.apply("secret.yaml")
	w.apply("undog-rights.yaml")
	return w
}

// replaced fails where there is nothing to replace: the example has changed.
func (w *welcome) replaced(in, old, by string) string {
	w.t.Helper()
	if !strings.Contains(in, old) {
		w.t.Fatalf("the example's configuration has no %q:\n%s", old, in)
	}
	return strings.ReplaceAll(in, old, by)
}

// run starts undog with the example's configuration and other keys, and with
// the rights that the example gives it.
func (w *welcome) run(more string) *daemon.Daemon {
	w.t.Helper()
	dir := w.t.TempDir()
	rights, err := siteRights()
	if err != nil {
		w.t.Fatal(err)
	}
	w.undog, err = daemon.Start(daemon.Options{
		Kubeconfig: rights, Dir: dir, NATSURL: shared.undog.NATSURL,
		Config: more + "watch: {namespaces: [" + w.namespace + "]}\n" + w.config,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	started := w.undog
	w.t.Cleanup(func() {
		if w.t.Failed() {
			w.tell(started)
		}
		w.stop(started)
		w.keepsSecret(filepath.Join(dir, "undog.log"))
	})
	if err := started.Ready(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	return started
}

// tell is for people who look for the cause of a failure.
func (w *welcome) tell(d *daemon.Daemon) {
	w.t.Helper()
	asking, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(asking, filepath.Join(os.Getenv("UNDOG_BIN"), "undog"), "explain", w.namespace+"/"+w.app,
		"--server", d.HTTP, "--kubeconfig", shared.cluster.Kubeconfig())
	out, err := cmd.CombinedOutput()
	w.t.Logf("undog explain (%v):\n%s", err, out)
}

// keepsSecret checks that the persona's password is in no log, and shows the
// log if the test failed.
func (w *welcome) keepsSecret(log string) {
	w.t.Helper()
	raw, err := os.ReadFile(log)
	if err != nil {
		w.t.Error(err)
	}
	if strings.Contains(string(raw), password) {
		w.t.Error("the persona's password is in undog's log")
	}
	if w.t.Failed() {
		w.t.Logf("undog's log:\n%s", raw)
	}
}

// stop ends an undog, if it has not ended.
func (w *welcome) stop(d *daemon.Daemon) {
	w.t.Helper()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), time.Minute)
	defer cancel()
	if err := d.Stop(stopping); err != nil {
		w.t.Errorf("stop undog: %v", err)
	}
}

// kubectl does what the owner of the site does by hand.
func (w *welcome) kubectl(args ...string) {
	w.t.Helper()
	args = append([]string{"--kubeconfig", shared.cluster.Kubeconfig(), "--namespace", w.namespace}, args...)
	cmd := exec.CommandContext(w.ctx, filepath.Join(os.Getenv("UNDOG_BIN"), "kubectl"), args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("kubectl %s: %v\n%s", strings.Join(args[4:], " "), err, out)
	}
}

func (w *welcome) apply(manifest string) {
	w.t.Helper()
	w.kubectl("apply", "-f", filepath.Join(example, "deploy", manifest))
}

// prove brings v1.0 up and waits until undog has found it good.
func (w *welcome) prove() {
	w.t.Helper()
	w.apply("1-v1.0.yaml")
	w.complete(1, goodSite)
	w.good = w.get().Spec.Template
	w.reads("Welcome admin!")
	w.await("verdict.good")
}

func (w *welcome) get() *appsv1.Deployment {
	w.t.Helper()
	d, err := shared.client.AppsV1().Deployments(w.namespace).Get(w.ctx, w.app, metav1.GetOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// released starts the clock, seen notes the first moment at which anybody could
// see the bug.
func (w *welcome) released() { w.changed = time.Now() }

func (w *welcome) seen() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.row.evidence = time.Since(w.changed)
}

// ready counts the ready pods of an image.
func (w *welcome) ready(of string) int {
	w.t.Helper()
	n := 0
	for _, p := range w.pods() {
		if imageOf(&p) == of && isReady(&p) {
			n++
		}
	}
	return n
}

// pods are those that are not on their way out.
func (w *welcome) pods() []corev1.Pod {
	w.t.Helper()
	list, err := shared.client.CoreV1().Pods(w.namespace).List(w.ctx, metav1.ListOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	var living []corev1.Pod
	for _, p := range list.Items {
		if p.DeletionTimestamp == nil {
			living = append(living, p)
		}
	}
	return living
}
