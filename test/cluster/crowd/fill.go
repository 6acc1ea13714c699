package crowd

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/test/bench/fleet"
)

const (
	// makers is how many Deployments are made at once.
	makers = 16
	// look is how often it is looked whether all are complete.
	look = time.Second
)

// fill makes everything that there is at the start. Deployments are paused and
// want no pods until their old ReplicaSets are there: their controller finds those
// and gives the next number to the one that it makes.
func (w *World) fill(ctx context.Context) error {
	w.opts.Say("making %d Deployments with %d old ReplicaSets each", len(w.all), w.opts.Shape.OldReplicaSets)
	for _, d := range w.all {
		_, err := w.client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: d.Namespace}}, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("make namespace %s: %w", d.Namespace, err)
		}
	}
	if err := w.each(ctx, w.make); err != nil {
		return err
	}
	w.opts.Say("making %d pods", w.opts.Shape.Pods)
	if err := w.each(ctx, w.unpause); err != nil {
		return err
	}
	return w.complete(ctx)
}

// each does something with all Deployments, some at a time, up to the first error
// of each worker.
func (w *World) each(ctx context.Context, do func(context.Context, *fleet.Deployment) error) error {
	work, errs := make(chan *fleet.Deployment, len(w.all)), make([]error, makers)
	for _, d := range w.all {
		work <- d
	}
	close(work)
	var running sync.WaitGroup
	for i := range makers {
		running.Go(func() {
			for d := range work {
				if err := do(ctx, d); err != nil {
					errs[i] = fmt.Errorf("make %s/%s: %w", d.Namespace, d.Name, err)
					return
				}
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

// plain is what a client says of an object's metadata: the rest is the server's.
func plain(from *metav1.ObjectMeta) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: from.Namespace, Name: from.Name, Labels: from.Labels, Annotations: from.Annotations}
}

func (w *World) make(ctx context.Context, d *fleet.Deployment) error {
	cm := &corev1.ConfigMap{ObjectMeta: plain(&d.ConfigMap(0).ObjectMeta), Data: map[string]string{"config.yaml": "listen: :8080\n"}}
	cm.Namespace = d.Namespace
	if _, err := w.client.CoreV1().ConfigMaps(d.Namespace).Create(ctx, cm, metav1.CreateOptions{FieldManager: manager}); err != nil {
		return err
	}
	wanted := d.Object(0)
	o := &appsv1.Deployment{ObjectMeta: plain(&wanted.ObjectMeta), Spec: wanted.Spec}
	// The number is the controller's to write.
	delete(o.Annotations, annotationRevision)
	o.Spec.Paused, o.Spec.Replicas = true, new(int32(0))
	made, err := w.client.AppsV1().Deployments(d.Namespace).Create(ctx, o, metav1.CreateOptions{FieldManager: manager})
	if err != nil {
		return err
	}
	for revision := range d.Old {
		wanted := d.ReplicaSet(revision+1, 0, 0)
		rs := &appsv1.ReplicaSet{ObjectMeta: plain(&wanted.ObjectMeta), Spec: wanted.Spec}
		rs.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(made, appsv1.SchemeGroupVersion.WithKind("Deployment"))}
		if _, err := w.client.AppsV1().ReplicaSets(d.Namespace).Create(ctx, rs, metav1.CreateOptions{FieldManager: "kube-controller-manager"}); err != nil {
			return err
		}
	}
	return nil
}

const (
	annotationRevision = "deployment.kubernetes.io/revision"
	// manager is who releases.
	manager = "kubectl-client-side-apply"
)

func (w *World) unpause(ctx context.Context, d *fleet.Deployment) error {
	patch := fmt.Sprintf(`{"spec":{"paused":null,"replicas":%d}}`, d.Replicas)
	_, err := w.client.AppsV1().Deployments(d.Namespace).Patch(ctx, d.Name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: manager})
	return err
}

// complete waits until all Deployments are.
func (w *World) complete(ctx context.Context) error {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		list, err := w.client.AppsV1().Deployments("").List(ctx, metav1.ListOptions{ResourceVersion: "0"})
		if err != nil {
			return fmt.Errorf("look at the Deployments: %w", err)
		}
		missing, first := 0, ""
		for i := range list.Items {
			if d := &list.Items[i]; !isComplete(d) {
				missing++
				first = d.Namespace + "/" + d.Name
			}
		}
		if len(list.Items) >= len(w.all) && missing == 0 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for %d Deployments, %s among them: %w", missing, first, ctx.Err())
		}
	}
}

func isComplete(d *appsv1.Deployment) bool {
	s := &d.Status
	return !d.Spec.Paused && s.ObservedGeneration >= d.Generation && s.Replicas == *d.Spec.Replicas && s.UpdatedReplicas == s.Replicas && s.AvailableReplicas == s.Replicas
}
