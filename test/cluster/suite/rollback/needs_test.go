package rollback_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/rollback"
)

// needing gives the Deployment a need of every kind: the service account
// runner, the ConfigMaps settings (with the key mode), files (with the key a)
// and flags, the Secrets token (with the key value) and keys, and the claim data.
// What is marked as optional, and pull secrets, are not there and not missed.
func needing(d *appsv1.Deployment) {
	spec := &d.Spec.Template.Spec
	optional := new(true)
	named := func(name string) corev1.LocalObjectReference { return corev1.LocalObjectReference{Name: name} }
	spec.ServiceAccountName = "runner"
	spec.ImagePullSecrets = []corev1.LocalObjectReference{named("registry")}
	spec.Volumes = []corev1.Volume{
		{Name: "files", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: named("files"), Items: []corev1.KeyToPath{{Key: "a", Path: "a"}},
		}}},
		{Name: "all", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{Secret: &corev1.SecretProjection{LocalObjectReference: named("keys")}},
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: named("never-was"), Optional: optional}},
		}}}},
		{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}},
	}
	app := &spec.Containers[0]
	app.EnvFrom = []corev1.EnvFromSource{
		{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: named("flags")}},
		{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: named("never-was"), Optional: optional}},
	}
	app.Env = append(app.Env,
		corev1.EnvVar{Name: "MODE", ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
			LocalObjectReference: named("settings"), Key: "mode",
		}}},
		corev1.EnvVar{Name: "MAYBE", ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
			LocalObjectReference: named("settings"), Key: "never-was", Optional: optional,
		}}},
		corev1.EnvVar{Name: "TOKEN", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: named("token"), Key: "value",
		}}})
}

// provide creates everything that needing names, but what is left out.
func (f *fixture) provide(without string) {
	f.t.Helper()
	core := f.admin.CoreV1()
	var errs []error
	create := func(kind, name string, make func(meta metav1.ObjectMeta) error) {
		if kind+" "+name != without {
			errs = append(errs, make(metav1.ObjectMeta{Name: name}))
		}
	}
	config := func(data map[string]string) func(metav1.ObjectMeta) error {
		return func(meta metav1.ObjectMeta) error {
			_, err := core.ConfigMaps(f.namespace).Create(f.ctx, &corev1.ConfigMap{ObjectMeta: meta, Data: data}, metav1.CreateOptions{})
			return err
		}
	}
	secret := func(data map[string]string) func(metav1.ObjectMeta) error {
		return func(meta metav1.ObjectMeta) error {
			_, err := core.Secrets(f.namespace).Create(f.ctx, &corev1.Secret{ObjectMeta: meta, StringData: data}, metav1.CreateOptions{})
			return err
		}
	}
	mode := map[string]string{"mode": "hunter2"}
	if without == "key mode of ConfigMap settings" {
		mode = map[string]string{"other": "hunter2"}
	}
	create("ConfigMap", "settings", config(mode))
	create("ConfigMap", "flags", config(nil))
	create("ConfigMap", "files", func(meta metav1.ObjectMeta) error {
		c := &corev1.ConfigMap{ObjectMeta: meta, BinaryData: map[string][]byte{"a": {1}}}
		_, err := core.ConfigMaps(f.namespace).Create(f.ctx, c, metav1.CreateOptions{})
		return err
	})
	create("Secret", "keys", secret(nil))
	create("Secret", "token", secret(map[string]string{"value": "hunter2"}))
	create("PersistentVolumeClaim", "data", func(meta metav1.ObjectMeta) error {
		c := &corev1.PersistentVolumeClaim{ObjectMeta: meta}
		c.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
		c.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
		_, err := core.PersistentVolumeClaims(f.namespace).Create(f.ctx, c, metav1.CreateOptions{})
		return err
	})
	if without == "ServiceAccount runner" {
		errs = append(errs, core.ServiceAccounts(f.namespace).Delete(f.ctx, "runner", metav1.DeleteOptions{}))
	}
	if err := errors.Join(errs...); err != nil {
		f.t.Fatal(err)
	}
}

// needy is a fixture whose revisions need a lot, and only the service account,
// without which the API server admits no pod, is there.
func needy(t *testing.T) *fixture {
	t.Helper()
	return newFixtureIn(t, func(f *fixture) {
		runner := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "runner"}}
		if _, err := f.admin.CoreV1().ServiceAccounts(f.namespace).Create(f.ctx, runner, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}, needing)
}

// What a target names and what is not there any more keeps undog from returning
// to it; the refusal names it, and once it is there the undo is made.
func TestTargetIncomplete(t *testing.T) {
	for _, missing := range []string{
		"ConfigMap settings", "key mode of ConfigMap settings", "ConfigMap flags", "ConfigMap files",
		"Secret keys", "Secret token", "PersistentVolumeClaim data", "ServiceAccount runner",
	} {
		t.Run(missing, func(t *testing.T) {
			t.Parallel()
			f := needy(t)
			f.provide(missing)
			undog := f.client("undog", clientOptions{group: secretsGroup})
			var refusal *rollback.RefusalError
			if err := undog.Precheck(f.ctx, f.undo()); !errors.As(err, &refusal) || refusal.Reason != rollback.TargetIncomplete {
				t.Errorf("Precheck = %v, want %s", err, rollback.TargetIncomplete)
			}
			out := undog.Do(f.ctx, f.undo())
			f.want(out, policy.Refused, rollback.TargetIncomplete)
			if want := "what is not there: " + missing; !strings.HasSuffix(out.Message, want) {
				t.Errorf("message is %q, want it to end in %q", out.Message, want)
			}
			f.wantImage("shop:1.1")
			f.wantPatches(undog.user)
			if len(f.records()) != 0 {
				t.Errorf("ledger has %v, want nothing", f.records())
			}
		})
	}
}

func TestTargetComplete(t *testing.T) {
	t.Parallel()
	f := needy(t)
	f.provide("")
	undog := f.client("undog", clientOptions{group: secretsGroup})
	if err := undog.Precheck(f.ctx, f.undo()); err != nil {
		t.Error(err)
	}
	out := undog.Do(f.ctx, f.undo())
	f.want(out, policy.Done, "")
	if out.Message != "" {
		t.Errorf("message is %q, want none", out.Message)
	}
	f.wantImage("shop:1.0")
}

// Without the permission to read Secrets they are taken to be there, which the
// outcome says; the rest is looked at all the same.
func TestSecretsAreNotReadWithoutPermission(t *testing.T) {
	t.Parallel()
	f := needy(t)
	f.provide("Secret token")
	undog := f.client("undog", clientOptions{})
	out := undog.Do(f.ctx, f.undo())
	f.want(out, policy.Done, "")
	if want := "not checked, since undog may not read it: Secret keys, Secret token"; out.Message != want {
		t.Errorf("message is %q, want %q", out.Message, want)
	}
	f.wantImage("shop:1.0")
}

// An API server that does not answer is no reason to believe either.
func TestNeedsThatCannotBeReadAreTriedAgain(t *testing.T) {
	t.Parallel()
	f := needy(t)
	f.provide("")
	undog := f.client("undog", clientOptions{group: secretsGroup, via: func(next http.RoundTripper) http.RoundTripper {
		return trip(func(r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, "/configmaps/") {
				return answer(r, http.StatusInternalServerError, nil), nil
			}
			return next.RoundTrip(r)
		})
	}})
	f.want(undog.Do(f.ctx, f.undo()), policy.Failed, rollback.Unavailable)
	f.wantImage("shop:1.1")
	f.wantPatches(undog.user)
}
