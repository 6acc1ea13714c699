package snapshot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/template"
)

// ErrNotFound says that there is no such Deployment.
var ErrNotFound = errors.New("there is no such Deployment")

// Snapshot is a Deployment and what belongs to it, at one time.
type Snapshot struct {
	Deployment  *appsv1.Deployment
	ReplicaSets []*appsv1.ReplicaSet
	// Observation is what the watcher makes of it.
	Observation *policy.Observation
	// Notes says what could not be read and was done without.
	Notes []string

	templates map[string]*corev1.PodTemplateSpec
}

// Options says how much is read.
type Options struct {
	// Pods reads the pods, too.
	Pods bool
	// Causes reads what explains the pods' trouble: their nodes, their Events
	// and the ConfigMaps of the namespace, of which only the metadata. What may
	// not be read is done without.
	Causes bool
}

// Read reads a Deployment.
func Read(ctx context.Context, client api.Interface, namespace, name string, opts Options) (*Snapshot, error) {
	d, err := client.Deployments(namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("get deployment %s/%s: %w", namespace, name, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("get deployment %s/%s: %w", namespace, name, err)
	}
	selector, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil {
		return nil, fmt.Errorf("read the selector of deployment %s/%s: %w", namespace, name, err)
	}
	s := &Snapshot{Deployment: d, templates: map[string]*corev1.PodTemplateSpec{}}
	r := reader{Snapshot: s, client: client, selector: selector.String(), state: watcher.NewState(watcher.Options{DecodeRecord: ledger.Decode})}
	steps := []func(context.Context) error{r.records, r.replicaSets}
	if opts.Causes {
		steps = append(steps, r.without("nodes", r.nodes), r.without("configmaps", r.configMaps))
	}
	if opts.Pods {
		steps = append(steps, r.pods)
	}
	if opts.Pods && opts.Causes {
		steps = append(steps, r.without("events", r.events))
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	now := time.Now()
	r.state.ApplyDeployment(now, d)
	o, ok := r.state.Observe(now, string(d.UID))
	if !ok {
		return nil, fmt.Errorf("observe deployment %s/%s: %w", namespace, name, ErrNotFound)
	}
	s.Observation = o
	return s, nil
}

// Template is the pod template of a revision, from its ReplicaSet or, once that
// was pruned, from the ledger; nil if neither has it.
func (s *Snapshot) Template(revisionUID string) *corev1.PodTemplateSpec {
	return s.templates[revisionUID]
}

// Compare answers a Compare decision as far as the templates are known.
func (s *Snapshot) Compare(d policy.Decision) policy.Comparison {
	out := policy.Comparison{At: s.Observation.At, Workload: d.Workload, From: d.From.UID, To: d.To.UID}
	from, to := s.Template(d.From.UID), s.Template(d.To.UID)
	if from == nil || to == nil {
		out.Err = "the template of one of the revisions is not known any more"
		return out
	}
	out.Changes = template.Diff(from, to)
	return out
}

// remember keeps the template of a pruned revision.
func (s *Snapshot) remember(cr *appsv1.ControllerRevision) {
	rec, err := ledger.Decode(cr)
	if err != nil {
		s.Notes = append(s.Notes, fmt.Sprintf("a record of undog's cannot be read and is left out: %v", err))
		return
	}
	var t corev1.PodTemplateSpec
	if err := json.Unmarshal(cr.Data.Raw, &t); err == nil && len(t.Spec.Containers) > 0 {
		s.templates[rec.Revision.UID] = &t
	}
}
