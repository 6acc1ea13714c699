package snapshot

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/api"
)

const (
	// pageSize is how many objects are asked for at a time, maxPages how often.
	pageSize = 500
	maxPages = 40
)

// reader fills a Snapshot.
type reader struct {
	*Snapshot

	client   api.Interface
	selector string
	state    *watcher.State
}

func (r *reader) records(ctx context.Context) error {
	api := r.client.ControllerRevisions(r.Deployment.Namespace)
	labels := ledger.Selector() + "," + ledger.WorkloadLabel + "=" + string(r.Deployment.UID)
	return each(ctx, "controllerrevisions", labels, func(ctx context.Context, o metav1.ListOptions) ([]appsv1.ControllerRevision, string, error) {
		l, err := api.List(ctx, o)
		if err != nil {
			return nil, "", err
		}
		return l.Items, l.Continue, nil
	}, func(cr *appsv1.ControllerRevision) {
		if metav1.IsControlledBy(cr, r.Deployment) {
			r.state.ApplyRecord(time.Now(), cr)
			r.remember(cr)
		}
	})
}

func (r *reader) replicaSets(ctx context.Context) error {
	api := r.client.ReplicaSets(r.Deployment.Namespace)
	return each(ctx, "replicasets", r.selector, func(ctx context.Context, o metav1.ListOptions) ([]appsv1.ReplicaSet, string, error) {
		l, err := api.List(ctx, o)
		if err != nil {
			return nil, "", err
		}
		return l.Items, l.Continue, nil
	}, func(rs *appsv1.ReplicaSet) {
		if metav1.IsControlledBy(rs, r.Deployment) {
			r.state.ApplyReplicaSet(time.Now(), rs)
			r.ReplicaSets = append(r.ReplicaSets, rs)
			r.templates[string(rs.UID)] = &rs.Spec.Template
		}
	})
}

func (r *reader) pods(ctx context.Context) error {
	api := r.client.Pods(r.Deployment.Namespace)
	return each(ctx, "pods", r.selector, func(ctx context.Context, o metav1.ListOptions) ([]corev1.Pod, string, error) {
		l, err := api.List(ctx, o)
		if err != nil {
			return nil, "", err
		}
		return l.Items, l.Continue, nil
	}, func(p *corev1.Pod) { r.state.ApplyPod(time.Now(), p) })
}

// each calls f for every object that a list has, page by page.
func each[T any](
	ctx context.Context, what, labels string,
	list func(context.Context, metav1.ListOptions) ([]T, string, error), f func(*T),
) error {
	opts := metav1.ListOptions{LabelSelector: labels, Limit: pageSize}
	for range maxPages {
		items, next, err := list(ctx, opts)
		if err != nil {
			return fmt.Errorf("list %s: %w", what, err)
		}
		for i := range items {
			f(&items[i])
		}
		if next == "" {
			return nil
		}
		opts.Continue = next
	}
	return fmt.Errorf("list %s: there are more than %d", what, maxPages*pageSize)
}
