package checkrun

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/watcher/api"
)

// ErrInput says that what was asked for does not exist or makes no sense.
var ErrInput = errors.New("bad input")

// input is an ErrInput that says more.
type input string

func (i input) Error() string        { return string(i) }
func (i input) Is(target error) bool { return target == ErrInput }

func inputf(format string, args ...any) error { return input(fmt.Sprintf(format, args...)) }

// NoRevision is what Wanted.Against is where nothing is to be compared with.
const NoRevision = -1

// Wanted says what a check is to be played on.
type Wanted struct {
	Namespace string
	// Pod or Deployment is given.
	Pod, Deployment string
	// Against is the number of the old revision, 0 for the newest other one
	// that has ready pods, NoRevision for none.
	Against int64
}

// on names it in sentences.
func (w *Wanted) on() string { return w.Namespace + "/" + cmp.Or(w.Deployment, w.Pod) }

// Chosen is the pods that are asked.
type Chosen struct {
	// On names what they belong to; Labels are the Deployment's, nil without one.
	On        string
	Namespace string
	Labels    map[string]string
	New       Group
	// Old is two pods of another revision, or one twice; nil without any.
	Old *Group
}

// Group is ready pods of one revision.
type Group struct {
	Revision int64
	// UID, ReplicaSet and Hash name it for queries of metrics.
	UID, ReplicaSet, Hash string
	Images                []string
	// Pods are those that are asked, All is every one that is ready.
	Pods, All []corev1.Pod
}

// Side is the group as a Result tells it. A pod that is asked twice is named once.
func (g *Group) Side() Side {
	s := Side{Revision: g.Revision, Images: g.Images}
	for _, p := range g.once() {
		s.Pods = append(s.Pods, p.Name)
	}
	return s
}

// once is the pods without those that are there twice; none of a nil Group.
func (g *Group) once() []*corev1.Pod {
	if g == nil {
		return nil
	}
	var out []*corev1.Pod
	for i := range g.Pods {
		if i == 0 || g.Pods[i].UID != g.Pods[0].UID {
			out = append(out, &g.Pods[i])
		}
	}
	return out
}

// Choose finds the pods. The error is ErrInput if what is wanted does not exist.
func Choose(ctx context.Context, client api.Interface, w Wanted) (*Chosen, error) {
	if w.Pod != "" {
		return choosePod(ctx, client, w)
	}
	d, err := client.Deployments(w.Namespace).Get(ctx, w.Deployment, metav1.GetOptions{})
	if err != nil {
		return nil, trouble(err, "get", "apps", "deployments", w.Namespace, w.Deployment)
	}
	groups, err := revisions(ctx, client, d)
	if err != nil {
		return nil, err
	}
	if len(groups) == 0 {
		return nil, fmt.Errorf("deployment %s has no revision yet; wait for its controller", w.on())
	}
	now := groups[0]
	if len(now.Pods) == 0 {
		hint := "wait for one, or name a pod with --pod"
		if ready := withPods(groups, now.Revision); ready != "" {
			hint += "; ready pods are those of " + ready
		}
		return nil, fmt.Errorf("deployment %s has no ready pod of revision %d, its newest; %s", w.on(), now.Revision, hint)
	}
	return choose(w, d, now, groups)
}

// choosePod begins with a pod and looks for the Deployment that it belongs to.
func choosePod(ctx context.Context, client api.Interface, w Wanted) (*Chosen, error) {
	pod, err := client.Pods(w.Namespace).Get(ctx, w.Pod, metav1.GetOptions{})
	switch {
	case err != nil:
		return nil, trouble(err, "get", "", "pods", w.Namespace, w.Pod)
	case !ready(pod):
		return nil, fmt.Errorf("pod %s/%s is not ready; a check is played on ready pods only", w.Namespace, w.Pod)
	}
	d, err := deploymentOf(ctx, client, pod)
	if err != nil {
		return nil, err
	}
	if d == nil {
		if w.Against > 0 {
			return nil, inputf("--against %d: pod %s belongs to no Deployment, so there are no revisions; leave it out", w.Against, w.on())
		}
		alone := Group{Images: images(&pod.Spec), Pods: []corev1.Pod{*pod, *pod}, All: []corev1.Pod{*pod}}
		return &Chosen{On: w.on(), Namespace: w.Namespace, New: alone}, nil
	}
	groups, err := revisions(ctx, client, d)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		for i := range g.Pods {
			if g.Pods[i].UID == pod.UID {
				g.Pods[0], g.Pods[i] = g.Pods[i], g.Pods[0]
				return choose(w, d, g, groups)
			}
		}
	}
	return nil, fmt.Errorf("pod %s/%s is no ready pod of deployment %s any more; try again", w.Namespace, w.Pod, d.Name)
}

// choose adds the pods to compare with.
func choose(w Wanted, d *appsv1.Deployment, now Group, groups []Group) (*Chosen, error) {
	c := &Chosen{On: d.Namespace + "/" + d.Name, Namespace: d.Namespace, Labels: d.Labels, New: now}
	var old *Group
	for i := range groups {
		g := &groups[i]
		switch {
		case g.Revision == w.Against && g.Revision == now.Revision:
			return nil, inputf("--against %d is the revision that is looked at; name another, or none", w.Against)
		case g.Revision == now.Revision || w.Against == NoRevision:
		case w.Against == 0 && old == nil && len(g.Pods) > 0, g.Revision == w.Against:
			old = g
		}
	}
	switch {
	case w.Against > 0 && (old == nil || len(old.Pods) == 0):
		hint := "leave it out"
		if ready := withPods(groups, now.Revision); ready != "" {
			hint = "there are some of " + ready
		}
		return nil, inputf("--against %d: deployment %s has no ready pod of that revision; %s", w.Against, c.On, hint)
	case old == nil:
		c.New.Pods = pair(now.Pods)
	default:
		before := *old
		before.Pods, c.New.Pods = pair(old.Pods), now.Pods[:1]
		c.Old = &before
	}
	return c, nil
}

// pair is two of the pods, or the only one twice.
func pair(pods []corev1.Pod) []corev1.Pod {
	return []corev1.Pod{pods[0], pods[min(1, len(pods)-1)]}
}

// withPods names the revisions but one that have ready pods.
func withPods(groups []Group, but int64) string {
	var names []string
	for _, g := range groups {
		if len(g.Pods) > 0 && g.Revision != but && len(names) < 8 {
			names = append(names, fmt.Sprintf("revision %d", g.Revision))
		}
	}
	return strings.Join(names, ", ")
}

// deploymentOf follows the owners of a pod; nil if none is a Deployment.
func deploymentOf(ctx context.Context, client api.Interface, pod *corev1.Pod) (*appsv1.Deployment, error) {
	owner := metav1.GetControllerOf(pod)
	if owner == nil || owner.Kind != "ReplicaSet" {
		return nil, nil
	}
	rs, err := client.ReplicaSets(pod.Namespace).Get(ctx, owner.Name, metav1.GetOptions{})
	if err != nil {
		return nil, trouble(err, "get", "apps", "replicasets", pod.Namespace, owner.Name)
	}
	if owner = metav1.GetControllerOf(rs); owner == nil || owner.Kind != "Deployment" {
		return nil, nil
	}
	d, err := client.Deployments(pod.Namespace).Get(ctx, owner.Name, metav1.GetOptions{})
	if err != nil {
		return nil, trouble(err, "get", "apps", "deployments", pod.Namespace, owner.Name)
	}
	return d, nil
}

// revisionKey is where the Deployment's controller keeps a revision's number.
const revisionKey = "deployment.kubernetes.io/revision"

// revisions are those of a Deployment, the newest first, with their ready pods,
// the youngest first.
func revisions(ctx context.Context, client api.Interface, d *appsv1.Deployment) ([]Group, error) {
	selector, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil {
		return nil, fmt.Errorf("read the selector of deployment %s/%s: %w", d.Namespace, d.Name, err)
	}
	options := metav1.ListOptions{LabelSelector: selector.String()}
	sets, err := client.ReplicaSets(d.Namespace).List(ctx, options)
	if err != nil {
		return nil, trouble(err, "list", "apps", "replicasets", d.Namespace, "")
	}
	pods, err := client.Pods(d.Namespace).List(ctx, options)
	if err != nil {
		return nil, trouble(err, "list", "", "pods", d.Namespace, "")
	}
	var groups []Group
	for i := range sets.Items {
		rs := &sets.Items[i]
		number, err := strconv.ParseInt(rs.Annotations[revisionKey], 10, 64)
		if err != nil || !metav1.IsControlledBy(rs, d) {
			continue
		}
		g := Group{
			Revision: number, UID: string(rs.UID), ReplicaSet: rs.Name, Hash: rs.Labels[appsv1.DefaultDeploymentUniqueLabelKey],
			Images: images(&rs.Spec.Template.Spec),
		}
		for j := range pods.Items {
			if pod := &pods.Items[j]; metav1.IsControlledBy(pod, rs) && ready(pod) {
				g.Pods = append(g.Pods, *pod)
			}
		}
		slices.SortFunc(g.Pods, func(a, b corev1.Pod) int {
			return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
		})
		g.All = slices.Clone(g.Pods)
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b Group) int { return cmp.Compare(b.Revision, a.Revision) })
	return groups, nil
}

func images(spec *corev1.PodSpec) []string {
	var out []string
	for i := range spec.Containers {
		out = append(out, spec.Containers[i].Image)
	}
	return out
}

// ready tells whether a pod may be asked.
func ready(pod *corev1.Pod) bool {
	if pod.DeletionTimestamp != nil || pod.Status.Phase != corev1.PodRunning {
		return false
	}
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// trouble says what the API server's error means for whoever asks.
func trouble(err error, verb, group, resource, namespace, name string) error {
	one := strings.TrimSuffix(resource, "s")
	switch {
	case apierrors.IsNotFound(err):
		return inputf("there is no %s %s/%s; -n names the namespace", one, namespace, name)
	case apierrors.IsForbidden(err):
		return Denied(verb, group, resource, namespace)
	}
	return fmt.Errorf("%s %s in namespace %s: %w", verb, resource, namespace, err)
}

// Denied says which right is missing, as the rule of a Role that grants it.
func Denied(verb, group, resource, namespace string) error {
	return fmt.Errorf("there is no right to %s %s in namespace %s; a Role with this rule grants it: {apiGroups: [%q], resources: [%s], verbs: [%s]}",
		verb, resource, namespace, group, resource, verb)
}
