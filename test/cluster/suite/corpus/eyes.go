package corpus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

// revisionAnnotation is the number of a Deployment's revision.
const revisionAnnotation = "deployment.kubernetes.io/revision"

// eyes look at a namespace while a scenario is played.
type eyes struct {
	// rolledBack receives when a Deployment remembers one more rollback.
	rolledBack chan struct{}

	mu   sync.Mutex
	seen map[string]*seen
	// born holds when the pods of a ReplicaSet were created.
	born map[types.UID][]time.Time
	// problem is the first memory that could not be read.
	problem error
}

// seen is what was seen of a Deployment.
type seen struct {
	number string
	undos  []policy.Rollback
	at     []time.Time
}

// open begins to look, until ctx ends.
func open(ctx context.Context, client kubernetes.Interface, namespace string) (*eyes, error) {
	e := &eyes{rolledBack: make(chan struct{}, 1), seen: map[string]*seen{}, born: map[types.UID][]time.Time{}}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	_, err := factory.Apps().V1().Deployments().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { e.deployment(obj.(*appsv1.Deployment)) },
		UpdateFunc: func(_, obj any) { e.deployment(obj.(*appsv1.Deployment)) },
	})
	if err != nil {
		return nil, fmt.Errorf("watch deployments: %w", err)
	}
	pods := factory.Core().V1().Pods().Informer()
	if _, err = pods.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: func(obj any) { e.pod(obj.(*corev1.Pod)) }}); err != nil {
		return nil, fmt.Errorf("watch pods: %w", err)
	}
	factory.Start(ctx.Done())
	for kind, ok := range factory.WaitForCacheSync(ctx.Done()) {
		if !ok {
			return nil, fmt.Errorf("watch %s: %w", kind, errors.Join(errors.New("not synced"), ctx.Err()))
		}
	}
	return e, nil
}

func (e *eyes) deployment(d *appsv1.Deployment) {
	list, err := ledger.DecodeRollbacks(d.Annotations[ledger.RollbacksAnnotation])
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil && e.problem == nil {
		e.problem = fmt.Errorf("%s: %w", d.Name, err)
	}
	s := e.seen[d.Name]
	if s == nil {
		s = &seen{}
		e.seen[d.Name] = s
	}
	s.number = d.Annotations[revisionAnnotation]
	for len(s.undos) < len(list) {
		s.undos = append(s.undos, list[len(s.undos)])
		s.at = append(s.at, time.Now())
		select {
		case e.rolledBack <- struct{}{}:
		default:
		}
	}
}

func (e *eyes) pod(pod *corev1.Pod) {
	if owner := metav1.GetControllerOfNoCopy(pod); owner != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.born[owner.UID] = append(e.born[owner.UID], pod.CreationTimestamp.Time)
	}
}

// rollbacks is how many a Deployment remembers, and when the last was seen.
func (e *eyes) rollbacks(name string) (n int, last time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.seen[name]; s != nil && len(s.at) > 0 {
		return len(s.at), s.at[len(s.at)-1]
	}
	return 0, time.Time{}
}

// firstRollback is when it was seen, or zero.
func (e *eyes) firstRollback(name string) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.seen[name]; s != nil && len(s.at) > 0 {
		return s.at[0]
	}
	return time.Time{}
}

// revision is the number of a Deployment's present revision.
func (e *eyes) revision(name string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.seen[name]; s != nil {
		return s.number
	}
	return ""
}

// exposed is how many pods the revision had made that was undone first, by then.
func (e *eyes) exposed(name string, undone time.Time) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.seen[name]
	if s == nil || len(s.undos) == 0 {
		return 0
	}
	n := 0
	for _, at := range e.born[types.UID(s.undos[0].From)] {
		if !at.After(undone) {
			n++
		}
	}
	return n
}
