package watcher

import (
	"encoding/json"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// secretive is what a program may say before it ends, in several lines.
const secretive = "password=s3cr3tzz DSN postgres://app:s3cr3tzz@db/x\nAuthorization: Bearer s3cr3tzz\n{\"name\":\"DB_PASSWORD\",\"value\":\"s3cr3tzz\"}\n" +
	"\x1b[36mtoken\x1b[0m=s3cr3tzz secret\u200b_key=k0,secret_key=s3cr3tzz\ncannot start"

// Wherever a message comes from, what looks like a secret in it is not kept.
func TestSecretsAreNotKept(t *testing.T) {
	s := NewState(Options{})
	d := deployment("web")
	d.Status.Conditions = []appsv1.DeploymentCondition{
		{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Message: secretive},
		{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Message: secretive},
	}
	s.ApplyDeployment(epoch, d)
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	ended := &corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 1, Message: secretive}
	for name, change := range map[string]func(*corev1.Pod){
		"waiting": func(p *corev1.Pod) {
			p.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CreateContainerError", Message: secretive}}
		},
		"pull": func(p *corev1.Pod) {
			p.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
				Reason: reasonPullBackOff, Message: `Back-off pulling image "web:2": ErrImagePull: ` + secretive,
			}}
		},
		"ended": func(p *corev1.Pod) {
			p.Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: ended}
			p.Status.ContainerStatuses[0].LastTerminationState.Terminated = ended
		},
		"failed": func(p *corev1.Pod) {
			p.Status.Phase, p.Status.Reason, p.Status.Message = corev1.PodFailed, "Evicted", secretive
		},
		"unscheduled": func(p *corev1.Pod) {
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: secretive}}
		},
	} {
		s.ApplyPod(epoch, with(podOf("rs-web", name), change))
	}
	o, _ := s.Observe(epoch, "dep-web")
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(o.Revisions[0].Failures); n < 4 {
		t.Errorf("%d failures: %s", n, raw)
	}
	if text := string(raw); strings.Contains(text, "s3cr3t") || strings.Count(text, "password=[redacted] DSN") < 6 || !strings.Contains(text, "cannot start") {
		t.Errorf("kept %s", raw)
	}
}

// BenchmarkCleanMessage is what a kubelet says most often, and a container that
// tells its password.
func BenchmarkCleanMessage(b *testing.B) {
	for name, message := range map[string]string{
		"plain":  "back-off 5m0s restarting failed container=app pod=web-7d4b9c6f5d-x2x9z_shop(5d41402a-bc4b-4a76-b971-9d911017c592)",
		"secret": secretive,
		"long":   strings.Repeat(secretive, 20),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cleanMessage(message)
			}
		})
	}
}
