package watcher

import (
	"fmt"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

func TestConfigNames(t *testing.T) {
	ref := func(name string) corev1.LocalObjectReference { return corev1.LocalObjectReference{Name: name} }
	from := func(name string) []corev1.EnvFromSource {
		return []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: ref(name)}}, {SecretRef: &corev1.SecretEnvSource{LocalObjectReference: ref("secret")}}}
	}
	value := func(name string) []corev1.EnvVar {
		return []corev1.EnvVar{{Name: "A", Value: "b"}, {Name: "C", ValueFrom: &corev1.EnvVarSource{
			ConfigMapKeyRef: &corev1.ConfigMapKeySelector{LocalObjectReference: ref(name)},
		}}}
	}
	projected := corev1.Volume{}
	projected.Projected = &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
		{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: ref("projected")}}, {Secret: &corev1.SecretProjection{}},
	}}
	template := podTemplate("x")
	template.Spec.Volumes = []corev1.Volume{volumeOf("volume"), projected, volumeOf("volume")}
	template.Spec.InitContainers = []corev1.Container{{EnvFrom: from("init-from"), Env: value("init-value")}}
	template.Spec.Containers[0].EnvFrom, template.Spec.Containers[0].Env = from("from"), value("value")
	want := []string{"from", "init-from", "init-value", "projected", "value", "volume"}
	if got := configNames(&template); !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
	for i := range 2 * policy.MaxConfigs {
		template.Spec.Volumes = append(template.Spec.Volumes, volumeOf(fmt.Sprintf("more-%02d", i)))
	}
	if got := configNames(&template); len(got) != policy.MaxConfigs {
		t.Errorf("%d names, want %d", len(got), policy.MaxConfigs)
	}
}

func TestConfigMapsTouchOnlyWhoNamesThem(t *testing.T) {
	s := NewState(Options{})
	naming := func(name, version string, maps ...string) *appsv1.Deployment {
		d := deployment(name)
		d.ResourceVersion = version
		for _, m := range maps {
			d.Spec.Template.Spec.Volumes = append(d.Spec.Template.Spec.Volumes, volumeOf(m))
		}
		return d
	}
	s.ApplyDeployment(epoch, naming("web", "1", "conf", "absent"))
	s.ApplyDeployment(epoch, naming("job", "1"))
	s.Take(epoch, 0)
	s.ApplyConfigMap(epoch, configMap("leader", "elector", second(1)))
	expectTaken(t, s, "")
	s.ApplyConfigMap(epoch, configMap("conf", "kubectl", second(1)))
	expectTaken(t, s, "seen web dep-web")
	s.ApplyConfigMap(epoch, configMap("conf", "kubectl", second(1)))
	expectTaken(t, s, "")
	elsewhere := configMap("conf", "kubectl", second(9))
	elsewhere.Namespace = "other"
	s.ApplyConfigMap(epoch, elsewhere)
	expectTaken(t, s, "")
	s.ApplyConfigMap(epoch, configMap("conf", "helm", second(8)))
	o, _ := s.Observe(epoch, "dep-web")
	want := []policy.Config{{Name: "conf", CreatedAt: epoch, ChangedAt: second(8), ChangedBy: "helm"}}
	if diff := difference(t, want, o.Configs); diff != "" {
		t.Error(diff)
	}
	expectTaken(t, s, "seen web dep-web")
	s.DeleteConfigMap(epoch, "shop", "conf", "cm-of-before")
	expectTaken(t, s, "")
	s.DeleteConfigMap(epoch, "shop", "conf", "cm-conf")
	expectTaken(t, s, "seen web dep-web")
	s.ApplyDeployment(epoch, naming("web", "2", "leader"))
	if o, _ = s.Observe(epoch, "dep-web"); len(o.Configs) != 1 || o.Configs[0].Name != "leader" {
		t.Errorf("configs %+v after another template", o.Configs)
	}
	s.DeleteDeployment(epoch, "shop", "web", "")
	s.DeleteConfigMap(epoch, "shop", "leader", "")
	s.DeleteConfigMap(epoch, "other", "conf", "")
	if len(s.configs) != 0 {
		t.Errorf("%d names are left", len(s.configs))
	}
}

func TestConfigMapWithoutAWriterOfItsData(t *testing.T) {
	m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "conf", CreationTimestamp: metav1.NewTime(second(3)),
		ManagedFields: []metav1.ManagedFieldsEntry{managed("labeller", "", `{"f:metadata":{"f:labels":{"f:data":{}}}}`, second(9))},
	}}
	if r := reduceConfigMap(m); r.changedAt != second(3).Unix() || text(r.changedBy) != "" {
		t.Errorf("changed at %d by %q, want when it was created", r.changedAt, text(r.changedBy))
	}
	m.ManagedFields = append(m.ManagedFields, managed("kubectl", "", `{"f:binaryData":{}}`, second(5)))
	if r := reduceConfigMap(m); r.changedAt != second(5).Unix() || text(r.changedBy) != "kubectl" {
		t.Errorf("changed at %d by %q, want by who wrote the data", r.changedAt, text(r.changedBy))
	}
}
