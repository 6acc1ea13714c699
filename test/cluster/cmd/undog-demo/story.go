package main

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/notify"
)

// bake is the window the demo uses, so that it can be watched.
const bake = 5 * time.Second

// The example workload.
const (
	namespace = "demo"
	name      = "shop"
)

// run tells the story.
func run(ctx context.Context, tale *story, keep bool) error {
	title("A real Kubernetes control plane comes up (etcd, kube-apiserver, controllers; the nodes are scripted)")
	s, err := set(ctx, tale, keep)
	if err != nil {
		return err
	}
	err = s.tell(ctx)
	if keep && err == nil {
		s.explain()
	}
	if closed := s.close(); err == nil {
		err = closed
	}
	return err
}

func (s *stage) tell(ctx context.Context) error {
	feed, err := listen(ctx, s.undog.NATSURL)
	if err != nil {
		return err
	}
	defer feed.close()
	title("undog runs beside it, with an embedded NATS server")
	fmt.Printf("  mode enforce; bake window %s (10m by default): a release is good once it stayed available that long\n", bake)

	if err := s.story.prepare(ctx, s); err != nil {
		return err
	}
	title("Release 1.0 goes out")
	began := time.Now()
	if err := s.release(ctx, "demo/shop:1.0"); err != nil {
		return err
	}
	fmt.Printf("  %s Deployment %s/%s is being rolled out, 2 replicas of demo/shop:1.0\n", since(began), namespace, name)
	good, err := feed.await(ctx, "verdict.good")
	if err != nil {
		return err
	}
	fmt.Printf("  %s %s %s\n", since(began), green("good:"), good.event.Data.Message)
	if err := s.story.good(ctx, s, began); err != nil {
		return err
	}

	title(s.story.bad)
	began = time.Now()
	if err := s.release(ctx, "demo/shop:1.1"); err != nil {
		return err
	}
	started, err := feed.await(ctx, "rollout.started")
	if err != nil {
		return err
	}
	fmt.Printf("  %s revision %d replaces revision %d; what changed:\n", since(began), started.event.Data.Revision.Number, started.event.Data.Target.Number)
	for _, c := range started.event.Data.Changes {
		fmt.Printf("          %s: %s → %s\n", c.Path, c.From, c.To)
	}
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.story.evidence(watching, s, started.event.Data.Revision.Hash, began); err != nil {
		return err
	}
	return s.verdict(ctx, feed, began)
}

// verdict tells the rest: what convicted the release, the undo and its event.
func (s *stage) verdict(ctx context.Context, feed *feed, began time.Time) error {
	bad, err := feed.await(ctx, "verdict.bad")
	if err != nil {
		return err
	}
	undo, err := feed.await(ctx, "rollback.done")
	if err != nil {
		return err
	}
	told := since(began)
	title("The verdict")
	fmt.Printf("  %s %s: %s\n", told, red("bad, "+bad.event.Data.Reason), bad.event.Data.Message)
	showChecks(bad.event.Data.Checks)
	for _, v := range bad.event.Data.Vetoes {
		fmt.Printf("          no veto %s: %s\n", v.Reason, v.Message)
	}

	title("The undo")
	d, err := s.client.AppsV1().Deployments(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("look at the Deployment: %w", err)
	}
	fmt.Printf("  %s undog patched the Deployment: %s; its image is %s again\n", told, undo.event.Data.Message,
		d.Spec.Template.Spec.Containers[0].Image)
	// Once the workload is healthy again undog takes it away, which may be by now.
	if cause := d.Annotations["kubernetes.io/change-cause"]; cause != "" {
		fmt.Printf("          change-cause: %s\n", cause)
	}

	title("The event, exactly as a NATS subscriber received it")
	fmt.Printf("  subject %s\n", undo.subject)
	for key, values := range undo.header {
		fmt.Printf("  header  %s: %s\n", key, values[0])
	}
	fmt.Printf("%s\n", undo.raw)

	back, err := feed.await(ctx, "rollout.recovered")
	if err != nil {
		return err
	}
	title("Healthy again")
	fmt.Printf("  %s %s\n", since(began), green(back.event.Data.Message))
	return s.story.good(ctx, s, began)
}

// showChecks prints what checks have shown of a revision.
func showChecks(all []notify.Check) {
	for _, c := range all {
		fmt.Printf("          check %s: %d of %d plays failed on the new revision, %d of %d on the old one\n", c.Name, c.NewFailed, c.New, c.OldFailed, c.Old)
		fmt.Printf("          %s, %s: %s\n", c.Step, c.Reason, c.Message)
		fmt.Printf("          the page: %s\n", c.Excerpt)
	}
}

// release makes the image current, as kubectl create or kubectl set image would.
func (s *stage) release(ctx context.Context, image string) error {
	if _, err := s.client.AppsV1().Deployments(namespace).Get(ctx, name, metav1.GetOptions{}); err == nil {
		patch := fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":"app","image":%q}]}}}}`, image)
		if _, err := s.client.AppsV1().Deployments(namespace).Patch(ctx, name, types.StrategicMergePatchType, []byte(patch),
			metav1.PatchOptions{FieldManager: "kubectl"}); err != nil {
			return fmt.Errorf("release %s: %w", image, err)
		}
		return nil
	}
	if err := s.namespace(ctx); err != nil {
		return err
	}
	labels := map[string]string{"app": name}
	replicas := int32(2)
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{s.story.container(image)}},
			},
		},
	}
	if _, err := s.client.AppsV1().Deployments(namespace).Create(ctx, d, metav1.CreateOptions{FieldManager: "kubectl"}); err != nil {
		return fmt.Errorf("release %s: %w", image, err)
	}
	return nil
}

// namespace makes the namespace, if it is not there yet.
func (s *stage) namespace(ctx context.Context) error {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if _, err := s.client.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("make namespace %s: %w", namespace, err)
	}
	return nil
}

// explain says how to go on by hand.
func (s *stage) explain() {
	title("The cluster stays up")
	fmt.Printf(`  make clients                          # builds bin/kubectl, if you have no kubectl
  export KUBECONFIG=%s
  kubectl get nodes

  # in another terminal, with the same KUBECONFIG; a release is proven, and something
  # to go back to, once it stayed available for bake, which is 10m by default
  cat > trial.yaml <<END
%sEND
  bin/undog run --config trial.yaml

  kubectl create deployment web --image=any/name:1.0 --replicas=3
  bin/undog events --since 1h           # wait for verdict.good; then a release that exits at start:
  kubectl patch deployment web -p '{"spec":{"template":{"metadata":{"annotations":
    {"script.undog.dev/play":"{exits: [{after: 1s, code: 3}], log: [no table of prices]}"}},
    "spec":{"containers":[{"name":"name","image":"any/name:1.1"}]}}}}'
  make cluster-down                     # when you are done
`, s.kubeconfig, trial)
}

// trial is a configuration for who wants to see an undo soon.
const trial = `mode: enforce
policies:
  - name: trial
    bake: 10s
`

// received is one event with what came around it.
type received struct {
	event   notify.Event
	subject string
	header  map[string][]string
	raw     []byte
}
