package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// manifest is the owner's own file. The tag may be a template's expression.
const manifest = `apiVersion: apps/v1
kind: Deployment
metadata: {name: app, labels: {app: app}}
spec:
  replicas: 2
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
        - name: app
          image: %s
          env: [{name: RELEASE, value: %q}]
`

// An owner's tool works on after an undo as if undog had not been there:
// nothing has to be forced, and the next good release stands.
func TestOwnersToolWorksOn(t *testing.T) {
	t.Parallel()
	for name, release := range map[string]func(f *fixture, tag string){
		"KubectlApply": func(f *fixture, tag string) {
			f.must("kubectl", "--kubeconfig", control.Kubeconfig(), "--namespace", f.namespace, "apply", "-f", f.file(tag))
		},
		"KubectlApplyServerSide": func(f *fixture, tag string) {
			f.must("kubectl", "--kubeconfig", control.Kubeconfig(), "--namespace", f.namespace, "apply", "--server-side", "-f", f.file(tag))
		},
		"HelmUpgrade": func(f *fixture, tag string) {
			f.must("helm", "--kubeconfig", control.Kubeconfig(), "--namespace", f.namespace,
				"upgrade", "--install", app, f.chart(), "--set-string", "tag="+tag)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			j := f.journal(f.undog(setup{}).NATSURL)
			release(f, "1.0")
			j.await("verdict.good", app, "1.0")
			release(f, "crash")
			f.undone(j, "crash")
			release(f, "1.1")
			f.isGood(j, app, "1.1")
			f.wantUndos(app, 200)
			f.givenBack(app)
			j.wantOnce()
		})
	}
}

// file writes the manifest of one release.
func (f *fixture) file(tag string) string {
	f.t.Helper()
	return f.write(f.t.TempDir(), "app.yaml", fmt.Sprintf(manifest, image(tag), tag))
}

// chart writes a chart of the same.
func (f *fixture) chart() string {
	f.t.Helper()
	dir := f.t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "templates"), 0o700); err != nil {
		f.t.Fatal(err)
	}
	f.write(dir, "Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n")
	f.write(dir, "values.yaml", "tag: none\n")
	f.write(dir, "templates/app.yaml", fmt.Sprintf(manifest, image("{{ .Values.tag }}"), "{{ .Values.tag }}"))
	return dir
}

func (f *fixture) write(dir, name, text string) string {
	f.t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}
