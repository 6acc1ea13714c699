package daemon_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// input is a configuration that undog cannot run with, and what of it the
// error has to name.
type input struct {
	// lines replace those of the same key, and stand at the end.
	lines []string
	want  []string
}

// settings is a configuration that undog can run with, by key.
func (f *fixture) settings() map[string]string {
	return map[string]string{
		"cluster":    "demo",
		"kubeconfig": undogKubeconfig,
		"http":       `{addr: "127.0.0.1:0"}`,
		"nats":       fmt.Sprintf(`{listen: "127.0.0.1:0", storeDir: %s}`, f.t.TempDir()),
		"watch":      fmt.Sprintf("{namespaces: [%s]}", f.namespace),
	}
}

func (f *fixture) config(in input) string {
	f.t.Helper()
	settings := f.settings()
	for _, line := range in.lines {
		key, _, _ := strings.Cut(line, ":")
		delete(settings, key)
	}
	var text strings.Builder
	for key, value := range settings {
		fmt.Fprintf(&text, "%s: %s\n", key, value)
	}
	for _, line := range in.lines {
		text.WriteString(line + "\n")
	}
	return f.write(f.t.TempDir(), "undog.yaml", text.String())
}

// refused checks that undog does not run with the configuration file, and that
// the last thing it says names what is wrong.
func (f *fixture) refused(file string, want ...string) {
	f.t.Helper()
	cmd := exec.CommandContext(f.ctx, filepath.Join(os.Getenv("UNDOG_BIN"), "undog"), "run", "--config", file)
	cmd.Dir = f.t.TempDir()
	cmd.Env = []string{"HOME=" + cmd.Dir, "PATH=" + os.Getenv("PATH")}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		f.t.Errorf("undog ends with %v, want code 1", err)
	}
	_, said, found := strings.Cut("\n"+stderr.String(), "\nundog: ")
	if !found {
		f.t.Fatalf("undog says no error:\n%s", stderr.String())
	}
	for _, part := range want {
		if !strings.Contains(said, part) {
			f.t.Errorf("error does not say %q:\n%s", part, said)
		}
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]input{
		"UnknownKey":        {[]string{"polcies: []"}, []string{"undog.yaml:6: polcies: unknown key", "did you mean policies?"}},
		"WrongType":         {[]string{"watch: {namespaces: demo}"}, []string{"undog.yaml:5: watch.namespaces: is a text", "write a list: [demo]"}},
		"BareNumber":        {[]string{"policies: [{name: test, bake: 600}]"}, []string{"policies[0].bake: 600 is a bare number", "600s"}},
		"TwoDocuments":      {[]string{"---", "mode: observe"}, []string{"undog.yaml:7: a second YAML document"}},
		"SeveralAtOnce":     {[]string{"mode: off", "cluster: a.b"}, []string{"for 2 reasons", "mode: ", "cluster: "}},
		"NoKubeconfig":      {[]string{"kubeconfig: /nowhere/kubeconfig"}, []string{"read kubeconfig /nowhere/kubeconfig", "no such file"}},
		"StoreUnwritable":   {[]string{`nats: {listen: "127.0.0.1:0", storeDir: /dev/null/store}`}, []string{`nats.storeDir "/dev/null/store"`, "a folder that undog may write to"}},
		"HTTPNotAnAddress":  {[]string{`http: {addr: "8080"}`}, []string{`http.addr: "8080" is a port without a host`, "127.0.0.1:8080"}},
		"NATSNotAnAddress":  {[]string{"nats: {url: 127.0.0.1}"}, []string{"nats.url", "nats://host:4222"}},
		"CredentialsAbsent": {[]string{`nats: {url: "nats://127.0.0.1:1", credentials: /nowhere/creds}`}, []string{`nats.credentials "/nowhere/creds"`, "no such file"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.refused(f.config(in), in.want...)
		})
	}
}

func TestNoFile(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	f.refused(dir, "read configuration", dir, "not a file")
	missing := filepath.Join(dir, "missing.yaml")
	f.refused(missing, "read configuration", missing, "no such file")
}

func TestAPIServerUnreachable(t *testing.T) {
	f := newFixture(t)
	proxy, kubeconfig := f.proxy()
	if err := proxy.Close(); err != nil {
		t.Fatal(err)
	}
	f.refused(f.config(input{lines: []string{"kubeconfig: " + kubeconfig}}), "reach the API server at "+proxy.URL())
}

// A missing right is named before anything is watched; mode observe does not
// need it (TestObserve).
func TestNoRightToPatch(t *testing.T) {
	f := newFixture(t)
	kubeconfig, err := control.KubeconfigFor(watcherUser)
	if err != nil {
		t.Fatal(err)
	}
	f.refused(f.config(input{lines: []string{"kubeconfig: " + kubeconfig}}),
		"missing permission: patch deployments in namespace "+f.namespace, "mode: observe")
}

// Nobody at all gets every right listed at once.
func TestNoRights(t *testing.T) {
	f := newFixture(t)
	kubeconfig, err := control.KubeconfigFor("nobody")
	if err != nil {
		t.Fatal(err)
	}
	f.refused(f.config(input{lines: []string{"kubeconfig: " + kubeconfig}}),
		"get deployments", "list pods", "watch replicasets", "create controllerrevisions", "patch deployments")
}

// An undog that finds its places taken goes, and the one that has them works
// on with all it has.
func TestPlacesTaken(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	undog := f.undog(setup{dir: dir})
	j := f.journal(undog.NATSURL)
	f.proven(j, 2)
	before := j.kinds(app)

	nats, http := strings.TrimPrefix(undog.NATSURL, "nats://"), strings.TrimPrefix(undog.HTTP, "http://")
	f.refused(f.config(input{lines: []string{fmt.Sprintf("nats: {listen: %q, storeDir: %s}", nats, t.TempDir())}}),
		"nats.listen "+nats, "in use", "set nats.listen to another port")
	store := filepath.Join(dir, "events")
	f.refused(f.config(input{lines: []string{`nats: {listen: "127.0.0.1:0", storeDir: ` + store + "}"}}),
		fmt.Sprintf("nats.storeDir %q", store), "in use by another undog")
	f.refused(f.config(input{lines: []string{fmt.Sprintf("http: {addr: %q}", http)}}), "http.addr "+http, "in use")

	if ended(undog) {
		t.Fatal("the first undog has ended as well")
	}
	f.release(app, "crash")
	f.undone(j, "crash")
	again := f.journal(undog.NATSURL)
	again.await("rollback.done", app, "crash")
	if got := again.kinds(app); !strings.HasPrefix(got, before) {
		t.Errorf("stream begins with %s, want %s", got, before)
	}
	j.wantOnce()
}

// A stream that would lose events is an error at once.
func TestStreamUnfit(t *testing.T) {
	f := newFixture(t)
	server := f.natsServer()
	f.memoryStream(server)
	f.refused(f.config(input{lines: []string{"nats: {url: " + server + "}"}}), "stream UNDOG cannot keep undog's events", "storage is memory, must be file")
}

// What undog does not find when it starts it waits for: a namespace that comes
// later is watched like any other.
func TestNamespaceComesLater(t *testing.T) {
	f := newFixture(t)
	if err := admin.CoreV1().Namespaces().Delete(f.ctx, f.namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	f.namespace += "-later"
	j := f.journal(f.undog(setup{}).NATSURL)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.namespace}}
	if _, err := admin.CoreV1().Namespaces().Create(f.ctx, ns, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	f.proven(j, 1)
	f.release(app, "crash")
	f.undone(j, "crash")
}
