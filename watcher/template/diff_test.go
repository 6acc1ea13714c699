package template

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/undog-dev/undog/policy"
)

func TestDiff(t *testing.T) {
	app := func(p *corev1.PodTemplateSpec) *corev1.Container { return &p.Spec.Containers[0] }
	tests := []struct {
		name   string
		before func(*corev1.PodTemplateSpec)
		after  func(*corev1.PodTemplateSpec)
		want   []policy.Change
	}{
		{name: "nothing"},
		{
			name:  "image",
			after: func(p *corev1.PodTemplateSpec) { app(p).Image = "shop:1.1" },
			want:  []policy.Change{{Path: "spec.containers[app].image", From: "shop:1.0", To: "shop:1.1"}},
		},
		{
			name: "environment by name",
			after: func(p *corev1.PodTemplateSpec) {
				app(p).Env[0].Value = "other"
				app(p).Env = append(app(p).Env, corev1.EnvVar{Name: "NEW", Value: "x"})
			},
			want: []policy.Change{{Path: "spec.containers[app].env[MODE].value"}, {Path: "spec.containers[app].env[NEW]"}},
		},
		{
			name: "environment order",
			before: func(p *corev1.PodTemplateSpec) {
				app(p).Env = []corev1.EnvVar{{Name: "A"}, {Name: "B"}, {Name: "C"}}
			},
			after: func(p *corev1.PodTemplateSpec) {
				app(p).Env = []corev1.EnvVar{{Name: "C"}, {Name: "D"}, {Name: "A"}}
			},
			want: []policy.Change{
				{Path: "spec.containers[app].env"},
				{Path: "spec.containers[app].env[B]"},
				{Path: "spec.containers[app].env[D]"},
			},
		},
		{
			name: "environment with a name twice",
			after: func(p *corev1.PodTemplateSpec) {
				app(p).Env = append(app(p).Env, corev1.EnvVar{Name: "MODE", Value: "again"})
			},
			want: []policy.Change{{Path: "spec.containers[app].env"}},
		},
		{
			name: "references to configuration",
			after: func(p *corev1.PodTemplateSpec) {
				app(p).EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{
					LocalObjectReference: corev1.LocalObjectReference{Name: "db"},
				}}}
				p.Spec.Volumes = []corev1.Volume{
					{Name: "cfg", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
						LocalObjectReference: corev1.LocalObjectReference{Name: "settings"},
					}}},
					{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
				}
				p.Spec.ServiceAccountName = "shop"
				p.Spec.DeprecatedServiceAccount = "shop"
			},
			want: []policy.Change{
				{Path: "spec.containers[app].envFrom[secretRef/db].secretRef.name", To: "db"},
				{Path: "spec.serviceAccountName", To: "shop"},
				{Path: "spec.volumes[cfg].configMap.name", To: "settings"},
				{Path: "spec.volumes[tmp].emptyDir"},
			},
		},
		{
			name: "command and arguments",
			after: func(p *corev1.PodTemplateSpec) {
				app(p).Command = []string{"/bin/shop"}
				app(p).Args = []string{"--password=s3cret"}
			},
			want: []policy.Change{{Path: "spec.containers[app].args"}, {Path: "spec.containers[app].command"}},
		},
		{
			name: "probe",
			before: func(p *corev1.PodTemplateSpec) {
				app(p).ReadinessProbe = &corev1.Probe{PeriodSeconds: 5, ProbeHandler: corev1.ProbeHandler{
					HTTPGet: &corev1.HTTPGetAction{Path: "/ready", Port: intstr.FromInt32(80)},
				}}
			},
			after: func(p *corev1.PodTemplateSpec) {
				app(p).ReadinessProbe = &corev1.Probe{PeriodSeconds: 9, ProbeHandler: corev1.ProbeHandler{
					Exec: &corev1.ExecAction{Command: []string{"cat", "/tmp/s3cret"}},
				}}
			},
			want: []policy.Change{
				{Path: "spec.containers[app].readinessProbe.exec.command"},
				{Path: "spec.containers[app].readinessProbe.httpGet.path", From: "/ready"},
				{Path: "spec.containers[app].readinessProbe.httpGet.port", From: "80"},
				{Path: "spec.containers[app].readinessProbe.periodSeconds", From: "5", To: "9"},
			},
		},
		{
			name: "resources, ports and nodes",
			after: func(p *corev1.PodTemplateSpec) {
				app(p).Resources.Limits[corev1.ResourceMemory] = resource.MustParse("32Mi")
				app(p).Ports = []corev1.ContainerPort{{ContainerPort: 8080, Protocol: "TCP"}}
				p.Spec.NodeSelector = map[string]string{"disk.example.com/type": "ssd"}
			},
			want: []policy.Change{
				{Path: "spec.containers[app].ports[8080/TCP].containerPort", To: "8080"},
				{Path: "spec.containers[app].ports[8080/TCP].protocol", To: "TCP"},
				{Path: "spec.containers[app].resources.limits[memory]", From: "64Mi", To: "32Mi"},
				{Path: "spec.nodeSelector[disk.example.com/type]", To: "ssd"},
			},
		},
		{
			name: "containers added and removed",
			after: func(p *corev1.PodTemplateSpec) {
				p.Spec.Containers = []corev1.Container{{Name: "web", Image: "web:1"}}
				p.Spec.InitContainers = []corev1.Container{{Name: "migrate", Image: "shop:1.0"}}
			},
			want: []policy.Change{
				{Path: "spec.containers[app]", From: "shop:1.0"},
				{Path: "spec.containers[web]", To: "web:1"},
				{Path: "spec.initContainers[migrate]", To: "shop:1.0"},
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			from, to := shop(), shop()
			if test.before != nil {
				test.before(from)
			}
			if test.after != nil {
				test.after(to)
			}
			got := Diff(from, to)
			if got == nil {
				t.Error("Diff is nil")
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("Diff =\n%v\nwant\n%v", got, test.want)
			}
			if (len(got) == 0) != (Hash(from) == Hash(to)) {
				t.Errorf("%d changes, hashes %s and %s", len(got), Hash(from), Hash(to))
			}
			mirrored := Diff(to, from)
			for i := range mirrored {
				mirrored[i].From, mirrored[i].To = mirrored[i].To, mirrored[i].From
			}
			if !slices.Equal(got, mirrored) {
				t.Errorf("the other way round Diff says\n%v", mirrored)
			}
		})
	}
}

const secret = "s3cret"

// secretive is a template with a secret wherever one could be kept; n makes
// each of them different.
func secretive(n int) *corev1.PodTemplateSpec {
	s := fmt.Sprintf("%s-%d", secret, n)
	headers := []corev1.HTTPHeader{{Name: "Authorization", Value: "Bearer " + s}}
	get := &corev1.HTTPGetAction{Path: "/ready?token=" + s, HTTPHeaders: headers, Host: s}
	handler := &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: []string{"sh", "-c", s}}}
	p := shop()
	p.Annotations = map[string]string{"example.com/token": s}
	p.Labels["token"] = s
	c := &p.Spec.Containers[0]
	c.Command, c.Args = []string{s}, []string{s}
	c.Env = []corev1.EnvVar{{Name: "PASSWORD", Value: s}}
	c.WorkingDir = s
	c.ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: get}}
	c.LivenessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: handler.Exec}}
	c.Lifecycle = &corev1.Lifecycle{PreStop: handler, PostStart: &corev1.LifecycleHandler{HTTPGet: get}}
	p.Spec.InitContainers = []corev1.Container{*c.DeepCopy()}
	p.Spec.HostAliases = []corev1.HostAlias{{IP: "127.0.0.1", Hostnames: []string{s}}}
	p.Spec.Volumes = []corev1.Volume{{Name: "csi", VolumeSource: corev1.VolumeSource{
		CSI: &corev1.CSIVolumeSource{Driver: "d", VolumeAttributes: map[string]string{"key": s}},
	}}}
	return p
}

func TestDiffShowsNoSecret(t *testing.T) {
	for _, pair := range [][2]*corev1.PodTemplateSpec{
		{secretive(1), secretive(2)}, {shop(), secretive(1)}, {secretive(1), shop()}, {nil, secretive(1)},
	} {
		changes := Diff(pair[0], pair[1])
		raw, err := json.Marshal(changes)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), secret) {
			t.Errorf("a secret is shown: %s", raw)
		}
		for _, want := range []string{
			"metadata.annotations[example.com/token]",
			"metadata.labels[token]",
			"spec.volumes[csi].csi.volumeAttributes[key]",
		} {
			if pair[0] != nil && !slices.ContainsFunc(changes, func(c policy.Change) bool { return c.Path == want }) {
				t.Errorf("no change at %s in %s", want, raw)
			}
		}
	}
	changes := Diff(secretive(1), secretive(2))
	for _, want := range []string{
		"spec.containers[app].args",
		"spec.containers[app].env[PASSWORD].value",
		"spec.containers[app].lifecycle.postStart.httpGet.httpHeaders[Authorization].value",
		"spec.containers[app].lifecycle.preStop.exec.command",
		"spec.containers[app].readinessProbe.httpGet.httpHeaders[Authorization].value",
		"spec.initContainers[app].env[PASSWORD].value",
	} {
		if !slices.Contains(changes, policy.Change{Path: want}) {
			t.Errorf("no change without values at %s", want)
		}
	}
}

func TestDiffIsBounded(t *testing.T) {
	from, to := shop(), shop()
	to.Spec.Containers[0].Image = strings.Repeat("é\x1b", MaxValue)
	to.Annotations = map[string]string{}
	for i := range 2 * MaxChanges {
		to.Annotations[fmt.Sprintf("%03d%s", i, strings.Repeat("k", MaxPath))] = "v"
	}
	long := Diff(from, to)
	if len(long) != MaxChanges {
		t.Errorf("%d changes, want %d", len(long), MaxChanges)
	}
	to.Annotations = nil
	for _, c := range append(long, Diff(from, to)...) {
		if len(c.Path) > MaxPath || len(c.To) > MaxValue || !utf8.ValidString(c.Path+c.To) || strings.Contains(c.To, "\x1b") {
			t.Errorf("out of bounds: %q %q", c.Path, c.To)
		}
	}
}
