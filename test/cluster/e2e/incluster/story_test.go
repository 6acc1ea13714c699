//go:build e2e

package incluster_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/test/cluster"
)

// shop is the namespace of the workloads.
const shop = "shop"

// faults are what happens to undog while a bad release crashes. There is a
// Deployment for each, which has the fault's name.
var faults = []struct {
	name   string
	strike func(*installed)
}{
	{"none", func(*installed) {}},
	{"undog-killed", (*installed).killUndog},
	{"leader-killed", (*installed).killLeader},
	{"nats-killed", (*installed).killNATS},
	{"api-server-killed", (*installed).killAPIServer},
	{"kubelet-killed", (*installed).restartKubelet},
	{"config-swapped", func(i *installed) { i.apply(values(i.nats, "4s")) }},
}

// The whole story inside of a cluster: whatever happens meanwhile, each bad
// release is undone once and told once, and the shipped rights are enough, and
// none of them is idle.
func TestStory(t *testing.T) {
	i := install(t)
	i.owner()
	for _, f := range faults {
		i.create(f.name)
	}
	for _, f := range faults {
		i.good(f.name)
	}
	for _, f := range faults {
		i.release(f.name)
		i.crashes(f.name)
		f.strike(i)
		i.undone(f.name)
	}
	for _, f := range faults {
		if n := i.undos(f.name); n != 1 {
			t.Errorf("%s was undone %d times, want once", f.name, n)
		}
	}
	i.wantReloaded()
	i.wantTold()
	i.wantAnswers(faults[0].name)
	i.wantRights()
}

// owner makes what the workloads need.
func (i *installed) owner() {
	i.t.Helper()
	for _, args := range [][]string{
		{"create", "namespace", shop},
		{"-n", shop, "create", "serviceaccount", "shop"},
		{"-n", shop, "create", "configmap", "settings", "--from-literal=COLOR=green"},
	} {
		i.kubectl(nil, args...)
	}
}

// create deploys the good release.
func (i *installed) create(name string) {
	i.t.Helper()
	labels := map[string]string{"app": name}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(2)),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					ServiceAccountName: "shop", TerminationGracePeriodSeconds: new(int64(1)),
					Containers: []corev1.Container{{
						Name: "app", Image: goodImage, ImagePullPolicy: corev1.PullIfNotPresent,
						EnvFrom: []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}}},
						ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{
							HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(8080)},
						}},
					}},
				},
			},
		},
	}
	if _, err := shared.client.AppsV1().Deployments(shop).Create(i.ctx, d, metav1.CreateOptions{FieldManager: "owner"}); err != nil {
		i.t.Fatal(err)
	}
}

// good waits until undog has remembered that the release is good.
func (i *installed) good(name string) {
	i.t.Helper()
	until(i, shared.client.AppsV1().RESTClient(), "controllerrevisions", shop, "", name+" found good", func(r *appsv1.ControllerRevision) bool {
		owner := metav1.GetControllerOf(r)
		return owner != nil && owner.Name == name && strings.EqualFold(r.Labels["undog.dev/verdict"], "good")
	})
}

// release deploys the bad one.
func (i *installed) release(name string) {
	i.t.Helper()
	i.kubectl(nil, "-n", shop, "set", "image", "deployment/"+name, "app="+badImage)
}

// crashes waits until the release has shown that it is bad.
func (i *installed) crashes(name string) {
	i.t.Helper()
	until(i, shared.client.CoreV1().RESTClient(), "pods", shop, "", name+" crashing", func(p *corev1.Pod) bool {
		return p.Labels["app"] == name && p.Spec.Containers[0].Image == badImage &&
			len(p.Status.ContainerStatuses) > 0 && p.Status.ContainerStatuses[0].RestartCount > 0
	})
}

// undone waits until the good release is back and complete.
func (i *installed) undone(name string) {
	i.t.Helper()
	until(i, shared.client.AppsV1().RESTClient(), "deployments", shop, name, name+" undone", func(d *appsv1.Deployment) bool {
		return d.Spec.Template.Spec.Containers[0].Image == goodImage && strings.Contains(d.Annotations["undog.dev/rollbacks"], "id") && complete(d)
	})
}

// killUndog ends undog's containers; the kubelet starts them again.
func (i *installed) killUndog() {
	i.t.Helper()
	for _, p := range i.pods() {
		i.kill(&p)
	}
}

// killLeader ends the undog that acts in the moment that it has undone: what it
// did is told by another.
func (i *installed) killLeader() {
	i.t.Helper()
	until(i, shared.client.AppsV1().RESTClient(), "deployments", shop, "leader-killed", "the undo", func(d *appsv1.Deployment) bool {
		return d.Spec.Template.Spec.Containers[0].Image == goodImage
	})
	lease, err := shared.client.CoordinationV1().Leases("undog").Get(i.ctx, "undog", metav1.GetOptions{})
	if err != nil || lease.Spec.HolderIdentity == nil {
		i.t.Fatalf("nobody leads: %v", err)
	}
	for _, p := range i.pods() {
		if strings.HasPrefix(*lease.Spec.HolderIdentity, p.Name) {
			i.kill(&p)
			return
		}
	}
	i.t.Fatalf("%s leads, and is none of undog's pods", *lease.Spec.HolderIdentity)
}

func (i *installed) killNATS() {
	i.t.Helper()
	p, err := shared.client.CoreV1().Pods("undog").Get(i.ctx, "undog-nats-0", metav1.GetOptions{})
	if err != nil {
		i.t.Fatal(err)
	}
	i.kill(p)
}

// killAPIServer starts it again, with etcd and the controllers.
func (i *installed) killAPIServer() {
	i.t.Helper()
	i.away = time.Now()
	if err := shared.cluster.Restart(i.ctx); err != nil {
		i.t.Fatal(err)
	}
	i.back = time.Now()
}

// restartKubelet leaves the pods alone.
func (i *installed) restartKubelet() {
	i.t.Helper()
	if err := shared.node.RestartKubelet(i.ctx); err != nil {
		i.t.Fatal(err)
	}
}

// kill ends a pod's container and waits until it was started again.
func (i *installed) kill(p *corev1.Pod) {
	i.t.Helper()
	before := p.Status.ContainerStatuses[0]
	if err := shared.node.KillContainer(i.ctx, before.ContainerID); err != nil {
		i.t.Fatal(err)
	}
	until(i, shared.client.CoreV1().RESTClient(), "pods", p.Namespace, p.Name, p.Name+" started again", func(now *corev1.Pod) bool {
		return now.Status.ContainerStatuses[0].RestartCount > before.RestartCount && podReady(now)
	})
}

// undos counts undog's accepted patches of the template.
func (i *installed) undos(name string) int {
	i.t.Helper()
	events, err := shared.cluster.AuditEvents(cluster.AuditFilter{
		User: undogUser, Verb: "patch", Resource: "deployments", Namespace: shop, Name: name, Code: 200, Main: true,
	})
	if err != nil {
		i.t.Fatal(err)
	}
	n := 0
	for _, e := range events {
		var ops []struct{ Op, Path string }
		if err := json.Unmarshal(e.RequestObject.Raw, &ops); err != nil {
			i.t.Fatal(fmt.Errorf("read a patch from the audit log: %w", err))
		}
		for _, op := range ops {
			if op.Op == "replace" && op.Path == "/spec/template" {
				n++
			}
		}
	}
	return n
}

// wantReloaded waits until each of undog's pods goes by the configuration that was
// swapped: the kubelet brings it within a minute or so, and nobody is started anew.
func (i *installed) wantReloaded() {
	i.t.Helper()
	ctx, cancel := context.WithTimeout(i.ctx, stepTimeout)
	defer cancel()
	var last error
	err := wait.PollUntilContextCancel(ctx, time.Second, true, func(ctx context.Context) (bool, error) {
		for _, p := range i.pods() {
			if last = reloaded(ctx, &p); last != nil {
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		i.t.Errorf("wait for undog to take the configuration: %v", last)
	}
}

// reloaded says why a pod has not taken a new configuration, by what it counts.
func reloaded(ctx context.Context, p *corev1.Pod) error {
	url := "http://" + net.JoinHostPort(p.Status.PodIP, "8080") + "/metrics"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return err
	}
	if !strings.Contains(string(raw), `undog_config_reloads_total{result="applied"} 1`) {
		return fmt.Errorf("pod %s has not counted a reload", p.Name)
	}
	return nil
}
