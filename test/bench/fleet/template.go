package fleet

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The containers of a pod.
const (
	app     = "app"
	sidecar = "metrics-proxy"
)

// Image is what the app runs in a revision.
func (d *Deployment) Image(revision int) string {
	return fmt.Sprintf("registry.example.com/%s/%s:v1.%d.0", d.Namespace, d.Name, revision)
}

const sidecarImage = "registry.example.com/platform/metrics-proxy:v0.18.2"

// configMap is the name of the ConfigMap that the pods read.
func (d *Deployment) configMap() string { return d.Name + "-config" }

func (d *Deployment) labels() map[string]string {
	return map[string]string{
		"name": d.Name, "group": "load", "svc": fmt.Sprintf("%s-svc-%d", d.Namespace, d.Index%16),
		"app.kubernetes.io/part-of": "shop", "team": fmt.Sprintf("team-%d", d.Index%40),
	}
}

// Template is the pod template of a revision, without a hash.
func (d *Deployment) Template(revision int) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: d.labels(), Annotations: map[string]string{
			"prometheus.io/scrape": "true", "prometheus.io/port": "9102",
			"checksum/config": digest(kindConfigMap, uint64(d.Index)),
		}},
		Spec: corev1.PodSpec{
			Containers:                    []corev1.Container{d.app(revision), proxy()},
			Volumes:                       d.volumes(),
			RestartPolicy:                 corev1.RestartPolicyAlways,
			TerminationGracePeriodSeconds: new(int64(30)),
			DNSPolicy:                     corev1.DNSClusterFirst,
			SecurityContext:               &corev1.PodSecurityContext{RunAsNonRoot: new(true), RunAsUser: new(int64(1000)), FSGroup: new(int64(1000))},
			SchedulerName:                 corev1.DefaultSchedulerName,
		},
	}
}

func (d *Deployment) app(revision int) corev1.Container {
	c := corev1.Container{
		Name: app, Image: d.Image(revision), ImagePullPolicy: corev1.PullIfNotPresent,
		Args:  []string{"serve", "--listen=:8080", "--config=/etc/app/config.yaml", "--log-format=json"},
		Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}},
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("256Mi")},
			Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("512Mi")},
		},
		VolumeMounts: []corev1.VolumeMount{
			{Name: "config", MountPath: "/etc/app", ReadOnly: true}, {Name: "cache", MountPath: "/var/cache/app"},
		},
		LivenessProbe: probe("/healthz", 10), ReadinessProbe: probe("/ready", 5),
		TerminationMessagePath: corev1.TerminationMessagePathDefault, TerminationMessagePolicy: corev1.TerminationMessageReadFile,
		SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: new(false), ReadOnlyRootFilesystem: new(true)},
	}
	for i := range 4 {
		c.Env = append(c.Env, corev1.EnvVar{Name: fmt.Sprintf("APP_SETTING_%d", i), Value: fmt.Sprintf("value-of-setting-%d-of-%s", i, d.Name)})
	}
	for _, f := range [][2]string{{"POD_NAME", "metadata.name"}, {"POD_IP", "status.podIP"}} {
		c.Env = append(c.Env, corev1.EnvVar{Name: f[0], ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: f[1]}}})
	}
	return c
}

func proxy() corev1.Container {
	return corev1.Container{
		Name: sidecar, Image: sidecarImage, ImagePullPolicy: corev1.PullIfNotPresent,
		Args:  []string{"--upstream=http://127.0.0.1:8080/metrics", "--listen=:9102"},
		Ports: []corev1.ContainerPort{{Name: "metrics", ContainerPort: 9102, Protocol: corev1.ProtocolTCP}},
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("16Mi")},
		},
		TerminationMessagePath: corev1.TerminationMessagePathDefault, TerminationMessagePolicy: corev1.TerminationMessageReadFile,
	}
}

func probe(path string, period int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("http"), Scheme: corev1.URISchemeHTTP}},
		PeriodSeconds: period, TimeoutSeconds: 1, SuccessThreshold: 1, FailureThreshold: 3,
	}
}

func (d *Deployment) volumes() []corev1.Volume {
	return []corev1.Volume{
		{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: d.configMap()}, DefaultMode: new(int32(420)),
		}}},
		{Name: "cache", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	}
}
