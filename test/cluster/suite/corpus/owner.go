package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	typedappsv1 "k8s.io/client-go/kubernetes/typed/apps/v1"
	"k8s.io/client-go/util/retry"

	"github.com/undog-dev/undog/test/corpus/scenario"
)

// The field managers of kubectl.
const (
	kubectlApply    = "kubectl-client-side-apply"
	kubectlRollout  = "kubectl-rollout"
	kubectlAnnotate = "kubectl-annotate"
	kubectl         = "kubectl"

	restartedAnnotation = "kubectl.kubernetes.io/restartedAt"
)

func (p *player) deployments() typedappsv1.DeploymentInterface {
	return p.host.admin.AppsV1().Deployments(p.namespace)
}

func by(manager string) string {
	if manager == "" {
		return kubectlApply
	}
	return manager
}

// deploy creates a Deployment.
func (p *player) deploy(ctx context.Context, w *scenario.Workload, revision, manager string) error {
	d, err := p.shape(w, revision)
	if err != nil {
		return err
	}
	if _, err := p.deployments().Create(ctx, d, metav1.CreateOptions{FieldManager: by(manager)}); err != nil {
		return fmt.Errorf("create deployment: %w", err)
	}
	p.released[w.Name] = revision
	return nil
}

// shape is the Deployment as a user would write it.
func (p *player) shape(w *scenario.Workload, revision string) (*appsv1.Deployment, error) {
	t, err := w.Template(revision)
	if err != nil {
		return nil, err
	}
	labels := map[string]string{scenario.LabelApp: w.Name}
	replicas := p.replicas(w)
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: w.Name, Labels: labels, Annotations: w.Annotations},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, RevisionHistoryLimit: w.History, MinReadySeconds: int32(w.MinReady.Duration / time.Second),
			Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: *t, Strategy: p.strategy(w),
		},
	}
	if w.Deadline.Duration > 0 {
		d.Spec.ProgressDeadlineSeconds = new(int32(w.Deadline.Duration / time.Second))
	}
	return d, nil
}

func (p *player) strategy(w *scenario.Workload) appsv1.DeploymentStrategy {
	strategy := p.cell.Strategy
	if w.Strategy != "" {
		strategy = w.Strategy
	}
	rolling := func(surge, down intstr.IntOrString) appsv1.DeploymentStrategy {
		return appsv1.DeploymentStrategy{
			Type:          appsv1.RollingUpdateDeploymentStrategyType,
			RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &surge, MaxUnavailable: &down},
		}
	}
	switch strategy {
	case scenario.Recreate:
		return appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
	case scenario.Surge:
		return rolling(intstr.FromInt32(1), intstr.FromInt32(0))
	default:
		return rolling(intstr.FromString("25%"), intstr.FromString("25%"))
	}
}

func (p *player) replicas(w *scenario.Workload) int32 {
	if w.Replicas > 0 {
		return w.Replicas
	}
	return p.cell.Replicas
}

// release applies a revision, and creates the Deployment if there is none.
func (p *player) release(ctx context.Context, name, revision, manager string) error {
	w := p.scenario.Workload(name)
	t, err := w.Template(revision)
	if err != nil {
		return err
	}
	err = p.setTemplate(ctx, name, by(manager), func(*appsv1.Deployment) (*corev1.PodTemplateSpec, error) { return t, nil })
	if apierrors.IsNotFound(err) {
		return p.deploy(ctx, w, revision, manager)
	}
	p.released[name] = revision
	return err
}

// setTemplate replaces the template as a whole, as apply would.
func (p *player) setTemplate(ctx context.Context, name, manager string, to func(*appsv1.Deployment) (*corev1.PodTemplateSpec, error)) error {
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		d, err := p.deployments().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		t, err := to(d)
		if err != nil {
			return err
		}
		d.Spec.Template = *t
		_, err = p.deployments().Update(ctx, d, metav1.UpdateOptions{FieldManager: manager})
		return err
	})
	if err != nil {
		return fmt.Errorf("set template: %w", err)
	}
	return nil
}

// rollBack is kubectl rollout undo: back to the revision with the number before.
func (p *player) rollBack(ctx context.Context, name string) error {
	p.released[name] = ""
	return p.setTemplate(ctx, name, kubectlRollout, func(d *appsv1.Deployment) (*corev1.PodTemplateSpec, error) {
		sets, err := p.host.admin.AppsV1().ReplicaSets(p.namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, err
		}
		var last *appsv1.ReplicaSet
		for i := range sets.Items {
			rs := &sets.Items[i]
			if metav1.IsControlledBy(rs, d) && number(rs) < number(d) && (last == nil || number(rs) > number(last)) {
				last = rs
			}
		}
		if last == nil {
			return nil, errors.New("there is no revision before this one")
		}
		delete(last.Spec.Template.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
		return &last.Spec.Template, nil
	})
}

// number is an object's revision, 0 when it has none yet.
func number(o metav1.Object) int64 {
	n, err := strconv.ParseInt(o.GetAnnotations()[revisionAnnotation], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// patch merges a change into a Deployment.
func (p *player) patch(ctx context.Context, name, manager string, change map[string]any) error {
	raw, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("encode patch: %w", err)
	}
	if _, err := p.deployments().Patch(ctx, name, types.StrategicMergePatchType, raw, metav1.PatchOptions{FieldManager: manager}); err != nil {
		return fmt.Errorf("patch deployment: %w", err)
	}
	return nil
}

// restart is kubectl rollout restart. What is there then is like no revision.
func (p *player) restart(ctx context.Context, name string) error {
	p.released[name] = ""
	return p.patch(ctx, name, kubectlRollout, map[string]any{"spec": map[string]any{"template": map[string]any{
		"metadata": map[string]any{"annotations": map[string]any{restartedAnnotation: time.Now().Format(time.RFC3339)}},
	}}})
}

// scale is kubectl scale.
func (p *player) scale(ctx context.Context, name, text string) error {
	n, err := scenario.Scaled(text, p.replicas(p.scenario.Workload(name)))
	if err != nil {
		return err
	}
	raw := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, n)
	_, err = p.deployments().Patch(ctx, name, types.MergePatchType, raw, metav1.PatchOptions{FieldManager: kubectl}, "scale")
	if err != nil {
		return fmt.Errorf("scale deployment: %w", err)
	}
	return nil
}

// remove is kubectl delete.
func (p *player) remove(ctx context.Context, name string) error {
	background := metav1.DeletePropagationBackground
	if err := p.deployments().Delete(ctx, name, metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
		return fmt.Errorf("delete deployment: %w", err)
	}
	return nil
}
