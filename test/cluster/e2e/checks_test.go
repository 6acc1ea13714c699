//go:build e2e

package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/test/cluster/daemon"
)

// checkTimeout bounds one story about a check: the pods of both revisions must
// be there long enough to be compared.
const checkTimeout = 5 * time.Minute

// checked makes a namespace with a good release in it, and an undog of its own
// that plays a check there. The Deployment keeps its old pods for a while, as
// larger ones do anyway.
func checked(t *testing.T, name, config string) *story {
	t.Helper()
	s := open(t, name, checkTimeout)
	dir := t.TempDir()
	started, err := daemon.Start(daemon.Options{
		Kubeconfig: shared.cluster.Kubeconfig(), Dir: dir, NATSURL: shared.undog.NATSURL,
		Config: "policies: [{name: checked, bake: 3s}]\nwatch: {namespaces: [" + s.namespace + "]}\n" + config,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.undog = started
	t.Cleanup(func() {
		if t.Failed() {
			log, err := os.ReadFile(filepath.Join(dir, "undog.log"))
			t.Logf("undog's log (%v):\n%s", err, log)
		}
		stopping, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), time.Minute)
		defer cancel()
		if err := started.Stop(stopping); err != nil {
			t.Errorf("stop undog: %v", err)
		}
	})
	if err := started.Ready(s.ctx); err != nil {
		t.Fatal(err)
	}
	d := deployment(3)
	// The undog of all tests leaves those alone that have one of their own.
	d.Labels = map[string]string{"app": "welcome"}
	c := &d.Spec.Template.Spec.Containers[0]
	c.Args = []string{"serve", "--work=100ms"}
	c.VolumeMounts = []corev1.VolumeMount{{Name: "selftest", MountPath: "/selftest"}}
	d.Spec.Template.Spec.Volumes = []corev1.Volume{{Name: "selftest", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}
	created, err := shared.client.AppsV1().Deployments(s.namespace).Create(s.ctx, d, metav1.CreateOptions{FieldManager: "owner"})
	if err != nil {
		t.Fatal(err)
	}
	s.good = created.Spec.Template
	s.await("verdict.good")
	s.slowly()
	return s
}

// slowly keeps the old pods beside the new ones for two minutes. The first
// release did not need to wait for that.
func (s *story) slowly() {
	s.t.Helper()
	deployments := shared.client.AppsV1().Deployments(s.namespace)
	patch := []byte(`{"spec":{"minReadySeconds":120,"strategy":{"rollingUpdate":{"maxSurge":2,"maxUnavailable":0}}}}`)
	d, err := deployments.Patch(s.ctx, s.app, types.StrategicMergePatchType, patch, metav1.PatchOptions{FieldManager: "owner"})
	if err != nil {
		s.t.Fatal(err)
	}
	// What is released next must not meet the controller's own write.
	err = wait.PollUntilContextCancel(s.ctx, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		seen, err := deployments.Get(ctx, s.app, metav1.GetOptions{})
		return err == nil && seen.Status.ObservedGeneration >= d.Generation, err
	})
	if err != nil {
		s.t.Fatalf("wait for the controller: %v", err)
	}
}

// evidence is what a check has shown, according to the verdict.
func (s *story) evidence(bad notify.Event, check string) string {
	s.t.Helper()
	for _, c := range bad.Data.Checks {
		if c.Name != check {
			continue
		}
		if c.NewFailed == 0 || c.Old == 0 || c.OldFailed > 0 {
			s.t.Errorf("%s counted %d of %d failures on the new revision, %d of %d on the old one", check, c.NewFailed, c.New, c.OldFailed, c.Old)
		}
		return c.Message + " / " + c.Excerpt
	}
	s.t.Errorf("the verdict has no evidence of the check %s: %+v", check, bad.Data.Checks)
	return ""
}

// TestExecCheck undoes a release in whose pods a command fails. Their probes
// are green.
func TestExecCheck(t *testing.T) {
	s := checked(t, "a command fails in the new pods", `
checks:
  - name: selftest
    exec: {container: app, command: [/testapp, exists, /selftest]}
`)
	s.release(func(spec *corev1.PodSpec) {
		spec.Volumes, spec.Containers[0].VolumeMounts = nil, nil
	})
	bad := s.undone("CheckFailed")
	if told := s.evidence(bad, "selftest"); !strings.Contains(told, "the command exited with code 1, expected was 0") {
		t.Errorf("the verdict says %q, want the exit code", told)
	}
}

// TestLogCheck undoes a release that writes of a panic now and then, and lives on.
func TestLogCheck(t *testing.T) {
	s := checked(t, "the log has panics now and then", `
checks:
  - name: panics
    log: {container: app, patterns: ["^panic:"]}
`)
	s.release(func(spec *corev1.PodSpec) {
		spec.Containers[0].Args = []string{"serve", "--work=100ms", "--fails-of=70", "--fails-with=panic: no order for token=t0psecret"}
	})
	bad := s.undone("CheckFailed")
	if told := s.evidence(bad, "panics"); !strings.Contains(told, "panic: no order for token=[redacted]") || strings.Contains(told, "t0psecret") {
		t.Errorf("the verdict says %q, want the line without its secret", told)
	}
}
