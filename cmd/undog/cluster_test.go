package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/watcher/template"
)

// cluster answers for the Deployment shop/web: revision 2 was proven good,
// revision 3 crashes. Revision 1 is only in the ledger: its ReplicaSet is gone.
type cluster struct {
	// uid is the Deployment's, "" if there is none.
	uid types.UID
	// forbidden are lists that nobody may read.
	forbidden map[string]bool
}

func podTemplate(image, hash string) corev1.PodTemplateSpec {
	t := corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: image, Env: []corev1.EnvVar{{Name: "TOKEN", Value: "secret of " + image}}}}},
	}
	if hash != "" {
		t.Labels["pod-template-hash"] = hash
	}
	return t
}

func (c *cluster) ref(number int64) policy.RevisionRef {
	image := fmt.Sprintf("web:1.%d", number)
	t := podTemplate(image, "")
	uid := fmt.Sprintf("r%d", number)
	return policy.RevisionRef{UID: uid, Name: "web-" + uid, Hash: uid, Number: number, Template: template.Hash(&t), Images: []string{image}}
}

func controller(kind, name string, uid types.UID) []metav1.OwnerReference {
	yes := true
	return []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: name, UID: uid, Controller: &yes}}
}

func (c *cluster) deployment() *appsv1.Deployment {
	replicas := int32(2)
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: c.uid, ResourceVersion: "9", Generation: 2},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}, Template: podTemplate("web:1.3", ""),
		},
		Status: appsv1.DeploymentStatus{ObservedGeneration: 2, Replicas: 3, UpdatedReplicas: 1, ReadyReplicas: 2, AvailableReplicas: 2},
	}
}

func (c *cluster) replicaSet(number int64) appsv1.ReplicaSet {
	ref := c.ref(number)
	return appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: ref.Name, UID: types.UID(ref.UID), OwnerReferences: controller("Deployment", "web", c.uid),
			Labels:            map[string]string{"app": "web", "pod-template-hash": ref.Hash},
			Annotations:       map[string]string{"deployment.kubernetes.io/revision": fmt.Sprint(number), "kubernetes.io/change-cause": "release " + fmt.Sprint(number)},
			CreationTimestamp: metav1.NewTime(time.Now().Add(-time.Hour)),
		},
		Spec: appsv1.ReplicaSetSpec{Template: podTemplate(ref.Images[0], ref.Hash)},
	}
}

// crashing is a pod of revision 3.
func (c *cluster) crashing() corev1.Pod {
	now := metav1.NewTime(time.Now().Add(-time.Minute))
	exit := &corev1.ContainerStateTerminated{ExitCode: 3, Reason: "Error", FinishedAt: now, StartedAt: now}
	return corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "web-r3-x", UID: "p", OwnerReferences: controller("ReplicaSet", "web-r3", "r3"),
			Labels: map[string]string{"app": "web"}, CreationTimestamp: now,
		},
		Spec: corev1.PodSpec{NodeName: "n1", Containers: podTemplate("web:1.3", "").Spec.Containers},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, StartTime: &now,
			ContainerStatuses: []corev1.ContainerStatus{{
				Name: "app", RestartCount: 4, LastTerminationState: corev1.ContainerState{Terminated: exit},
				State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
			}},
		},
	}
}

func (c *cluster) record(t *testing.T, rec policy.Record) appsv1.ControllerRevision {
	t.Helper()
	w := policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: string(c.uid)}
	raw, err := ledger.Encode(rec)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(podTemplate(rec.Revision.Images[0], ""))
	if err != nil {
		t.Fatal(err)
	}
	return appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: ledger.Name(w, rec.Revision.UID), UID: types.UID("cr-" + rec.Revision.UID),
			OwnerReferences: controller("Deployment", "web", c.uid), Annotations: map[string]string{ledger.RecordAnnotation: string(raw)},
			Labels: map[string]string{ledger.ManagedByLabel: ledger.ManagedBy, ledger.WorkloadLabel: string(c.uid)},
		},
		Data: runtime.RawExtension{Raw: data},
	}
}

// serve starts it and returns its kubeconfig.
func (c *cluster) serve(t *testing.T) string {
	t.Helper()
	good := policy.Record{Revision: c.ref(2), Verdict: policy.Good, Reason: "BakeComplete", Message: "stayed available", At: time.Now().Add(-30 * time.Minute)}
	pruned := policy.Record{Revision: c.ref(1), Verdict: policy.Bad, Reason: "CannotStart", Message: "no such command", At: time.Now().Add(-100 * time.Hour)}
	const apps, core = "/apis/apps/v1/namespaces/shop/", "/api/v1/namespaces/shop/"
	objects := map[string]any{
		apps + "replicasets":         appsv1.ReplicaSetList{Items: []appsv1.ReplicaSet{c.replicaSet(2), c.replicaSet(3)}},
		apps + "controllerrevisions": appsv1.ControllerRevisionList{Items: []appsv1.ControllerRevision{c.record(t, good), c.record(t, pruned)}},
		core + "pods":                corev1.PodList{Items: []corev1.Pod{c.crashing()}},
		core + "events":              corev1.EventList{},
		core + "configmaps":          metav1.PartialObjectMetadataList{},
		"/api/v1/nodes":              corev1.NodeList{},
	}
	if c.uid != "" {
		objects[apps+"deployments/web"] = c.deployment()
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		object, ok := objects[r.URL.Path]
		switch {
		case c.forbidden[r.URL.Path]:
			w.WriteHeader(http.StatusForbidden)
			object = metav1.Status{Status: metav1.StatusFailure, Reason: metav1.StatusReasonForbidden, Code: http.StatusForbidden, Message: "not you"}
		case !ok || r.Method != http.MethodGet:
			w.WriteHeader(http.StatusNotFound)
			object = metav1.Status{Status: metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound, Message: r.Method + " " + r.URL.Path}
		}
		_ = json.NewEncoder(w).Encode(object)
	}))
	t.Cleanup(server.Close)
	return kubeconfigFor(t, server.URL)
}
