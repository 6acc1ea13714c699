package corpus

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	applyv1 "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/undog-dev/undog/test/corpus/scenario"
	"github.com/undog-dev/undog/test/script"
)

const (
	// quotaName is the name of the ResourceQuota.
	quotaName = "team"
	// podSecurityLabel says which standard a namespace enforces.
	podSecurityLabel = "pod-security.kubernetes.io/enforce"
	// evictRetry is how soon an eviction that a budget forbids is tried again.
	evictRetry = time.Second
)

func (p *player) setConfigMap(ctx context.Context, o *scenario.Object) error {
	maps := p.host.admin.CoreV1().ConfigMaps(p.namespace)
	var err error
	if o.Gone {
		err = maps.Delete(ctx, o.Name, metav1.DeleteOptions{})
	} else {
		_, err = maps.Apply(ctx, applyv1.ConfigMap(o.Name, p.namespace).WithData(o.Data), metav1.ApplyOptions{FieldManager: by(o.By), Force: true})
	}
	if err != nil {
		return fmt.Errorf("set config map: %w", err)
	}
	return nil
}

func (p *player) setSecret(ctx context.Context, o *scenario.Object) error {
	secrets := p.host.admin.CoreV1().Secrets(p.namespace)
	var err error
	if o.Gone {
		err = secrets.Delete(ctx, o.Name, metav1.DeleteOptions{})
	} else {
		_, err = secrets.Apply(ctx, applyv1.Secret(o.Name, p.namespace).WithStringData(o.Data), metav1.ApplyOptions{FieldManager: by(o.By), Force: true})
	}
	if err != nil {
		return fmt.Errorf("set secret: %w", err)
	}
	return nil
}

// setQuota leaves room for so many more pods than there are; nil lifts it.
func (p *player) setQuota(ctx context.Context, free *int) error {
	quotas := p.host.admin.CoreV1().ResourceQuotas(p.namespace)
	if free == nil {
		if err := quotas.Delete(ctx, quotaName, metav1.DeleteOptions{}); err != nil {
			return fmt.Errorf("lift quota: %w", err)
		}
		return nil
	}
	pods, err := p.pods(ctx, func(pod *corev1.Pod) bool {
		return pod.Status.Phase != corev1.PodFailed && pod.Status.Phase != corev1.PodSucceeded
	})
	if err != nil {
		return err
	}
	hard := corev1.ResourceList{corev1.ResourcePods: *resource.NewQuantity(int64(len(pods)+*free), resource.DecimalSI)}
	quota := applyv1.ResourceQuota(quotaName, p.namespace).WithSpec(applyv1.ResourceQuotaSpec().WithHard(hard))
	if _, err := quotas.Apply(ctx, quota, metav1.ApplyOptions{FieldManager: kubectl, Force: true}); err != nil {
		return fmt.Errorf("set quota: %w", err)
	}
	return nil
}

// setPodSecurity is the standard that the namespace enforces.
func (p *player) setPodSecurity(ctx context.Context, level string) error {
	raw := fmt.Appendf(nil, `{"metadata":{"labels":{%q:%q}}}`, podSecurityLabel, level)
	_, err := p.host.admin.CoreV1().Namespaces().Patch(ctx, p.namespace, types.MergePatchType, raw, metav1.PatchOptions{FieldManager: kubectl})
	if err != nil {
		return fmt.Errorf("set pod security: %w", err)
	}
	return nil
}

// pods are those of the namespace that are wanted, the youngest first.
func (p *player) pods(ctx context.Context, want func(*corev1.Pod) bool) ([]*corev1.Pod, error) {
	list, err := p.host.admin.CoreV1().Pods(p.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list pods: %w", err)
	}
	var out []*corev1.Pod
	for i := range list.Items {
		if want(&list.Items[i]) {
			out = append(out, &list.Items[i])
		}
	}
	slices.SortStableFunc(out, func(a, b *corev1.Pod) int { return b.CreationTimestamp.Compare(a.CreationTimestamp.Time) })
	return out, nil
}

// disrupt takes pods of a Deployment away, the youngest first.
func (p *player) disrupt(ctx context.Context, name string, d *scenario.Disrupt) error {
	pods, err := p.pods(ctx, func(pod *corev1.Pod) bool {
		return pod.Labels[scenario.LabelApp] == name && pod.DeletionTimestamp == nil &&
			(d.Revision == "" || pod.Labels[scenario.LabelVersion] == d.Revision)
	})
	if err != nil {
		return err
	}
	for i, pod := range pods {
		if d.Pods > 0 && i >= d.Pods {
			break
		}
		if err := p.takeAway(ctx, pod, d.Reason); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) takeAway(ctx context.Context, pod *corev1.Pod, reason string) error {
	if reason == script.EvictByAPI {
		return p.evict(ctx, pod)
	}
	return p.host.kubelet.Disrupt(ctx, pod, reason)
}

// evict asks for an eviction until it is granted.
func (p *player) evict(ctx context.Context, pod *corev1.Pod) error {
	ticker := time.NewTicker(evictRetry)
	defer ticker.Stop()
	for {
		err := p.host.admin.CoreV1().Pods(pod.Namespace).EvictV1(ctx, &policyv1.Eviction{
			ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
		})
		switch {
		case apierrors.IsNotFound(err):
			return nil
		case !apierrors.IsTooManyRequests(err) && err != nil:
			return fmt.Errorf("evict pod: %w", err)
		case err == nil:
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("evict pod: %w", context.Cause(ctx))
		}
	}
}

func (p *player) cordon(ctx context.Context, node string, closed bool) error {
	raw := fmt.Appendf(nil, `{"spec":{"unschedulable":%t}}`, closed)
	if _, err := p.host.admin.CoreV1().Nodes().Patch(ctx, node, types.MergePatchType, raw, metav1.PatchOptions{FieldManager: "kubectl-cordon"}); err != nil {
		return fmt.Errorf("cordon node: %w", err)
	}
	return nil
}

// drain is kubectl drain.
func (p *player) drain(ctx context.Context, node string) error {
	if err := p.cordon(ctx, node, true); err != nil {
		return err
	}
	pods, err := p.pods(ctx, func(pod *corev1.Pod) bool { return pod.Spec.NodeName == node && pod.DeletionTimestamp == nil })
	if err != nil {
		return err
	}
	for _, pod := range pods {
		if err := p.evict(ctx, pod); err != nil {
			return err
		}
	}
	return nil
}
