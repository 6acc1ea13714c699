package rollback_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/policy/rollback"
	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/watcher/template"
)

const patience = 30 * time.Second

// fixture is one Deployment in a namespace of its own: revision 1 runs
// shop:1.0, revision 2 shop:1.1, whose pod never becomes ready because there
// is no node.
type fixture struct {
	t         *testing.T
	ctx       context.Context
	namespace string
	good, bad policy.RevisionRef
	deploy    *appsv1.Deployment
	pod       string
	admin     kubernetes.Interface
}

func deployment(image string) *appsv1.Deployment {
	replicas, history := int32(1), int32(5)
	labels := map[string]string{"app": "shop"}
	return &appsv1.Deployment{
		TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: "shop", Annotations: map[string]string{
			"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/shop",
		}},
		Spec: appsv1.DeploymentSpec{
			Replicas:             &replicas,
			RevisionHistoryLimit: &history,
			Selector:             &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "app", Image: image, Env: []corev1.EnvVar{{Name: "PASSWORD", Value: "hunter2"}},
				}}},
			},
		},
	}
}

func newFixture(t *testing.T, changes ...func(*appsv1.Deployment)) *fixture {
	t.Helper()
	return newFixtureIn(t, func(*fixture) {}, changes...)
}

// newFixtureIn prepares the namespace before the Deployment is made.
func newFixtureIn(t *testing.T, prepare func(*fixture), changes ...func(*appsv1.Deployment)) *fixture {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ns, err := admin.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "t-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, ctx: ctx, namespace: ns.Name, admin: admin}
	prepare(f)
	d := deployment("shop:1.0")
	for _, change := range changes {
		change(d)
	}
	if _, err := admin.AppsV1().Deployments(f.namespace).Create(ctx, d, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	f.good = f.settled("shop:1.0")
	f.setImage("shop:1.1")
	f.bad = f.settled("shop:1.1")
	f.pod = f.podOf(f.bad)
	return f
}

// settled waits until the controller has taken note of the image, and names
// its revision.
func (f *fixture) settled(image string) policy.RevisionRef {
	f.t.Helper()
	var ref policy.RevisionRef
	f.eventually("revision of "+image, func() bool {
		d := f.get()
		for _, rs := range f.replicaSets() {
			if d.Status.ObservedGeneration == d.Generation && rs.Spec.Template.Spec.Containers[0].Image == image &&
				rs.Annotations["deployment.kubernetes.io/revision"] == d.Annotations["deployment.kubernetes.io/revision"] {
				number, _ := strconv.ParseInt(rs.Annotations["deployment.kubernetes.io/revision"], 10, 64)
				ref = policy.RevisionRef{
					UID: string(rs.UID), Name: rs.Name, Hash: rs.Labels["pod-template-hash"], Number: number,
					Template: template.Hash(&rs.Spec.Template), Images: []string{image},
				}
				f.deploy = d
				return d.Spec.Template.Spec.Containers[0].Image == image
			}
		}
		return false
	})
	return ref
}

func (f *fixture) get() *appsv1.Deployment {
	f.t.Helper()
	d, err := f.admin.AppsV1().Deployments(f.namespace).Get(f.ctx, "shop", metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

func (f *fixture) replicaSets() []appsv1.ReplicaSet {
	f.t.Helper()
	list, err := f.admin.AppsV1().ReplicaSets(f.namespace).List(f.ctx, metav1.ListOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return list.Items
}

func (f *fixture) patch(body string) {
	f.t.Helper()
	_, err := f.admin.AppsV1().Deployments(f.namespace).Patch(f.ctx, "shop", types.StrategicMergePatchType, []byte(body), metav1.PatchOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) setImage(image string) {
	f.t.Helper()
	f.patch(`{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"` + image + `"}]}}}}`)
}

func (f *fixture) image() string {
	f.t.Helper()
	return f.get().Spec.Template.Spec.Containers[0].Image
}

func (f *fixture) podOf(ref policy.RevisionRef) string {
	f.t.Helper()
	name := ""
	f.eventually("pod of "+ref.Name, func() bool {
		pods, err := f.admin.CoreV1().Pods(f.namespace).List(f.ctx, metav1.ListOptions{})
		if err != nil {
			f.t.Fatal(err)
		}
		for _, p := range pods.Items {
			if owner := metav1.GetControllerOf(&p); owner != nil && string(owner.UID) == ref.UID {
				name = p.Name
			}
		}
		return name != ""
	})
	return name
}

// becomeReady makes a pod ready, as its kubelet would.
func (f *fixture) becomeReady(pod string) {
	f.t.Helper()
	body := `{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}`
	_, err := f.admin.CoreV1().Pods(f.namespace).Patch(f.ctx, pod, types.StrategicMergePatchType, []byte(body), metav1.PatchOptions{}, "status")
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) eventually(what string, ok func() bool) {
	f.t.Helper()
	err := wait.PollUntilContextTimeout(f.ctx, 20*time.Millisecond, patience, true, func(context.Context) (bool, error) { return ok(), nil })
	if err != nil {
		f.t.Fatalf("%s: %v", what, err)
	}
}

func (f *fixture) workload() policy.Workload {
	return policy.Workload{Kind: "Deployment", Namespace: f.namespace, Name: "shop", UID: string(f.deploy.UID)}
}

// undo is the decision to return from the bad revision to the good one.
func (f *fixture) undo() policy.Decision {
	return policy.Decision{
		ID: "decision-1", Kind: policy.Undo, Workload: f.workload(), Generation: f.deploy.Generation,
		From: f.bad, To: f.good,
		Record: policy.Record{
			Revision: f.bad, Verdict: policy.Bad, Reason: "CrashLoop", Message: "container app exits at once",
			At: time.Now().UTC(), DecisionID: "decision-1", Action: policy.ActionRollback, Target: f.good,
			Failures: []policy.Failure{{Reason: "Error", Container: "app", Samples: []string{f.pod}}},
		},
	}
}

func (f *fixture) remember(ref policy.RevisionRef, verdict policy.Verdict) policy.Decision {
	return policy.Decision{
		ID: "remember-" + ref.UID, Kind: policy.Remember, Workload: f.workload(), From: ref,
		Record: policy.Record{Revision: ref, Verdict: verdict, Reason: "Baked", At: time.Now().UTC()},
	}
}

// client is undog, with its own user so that the audit log tells executors apart.
type client struct {
	*rollback.Executor
	store *ledger.Store
	kube  kubernetes.Interface
	user  string
}

type clientOptions struct {
	group string
	via   func(http.RoundTripper) http.RoundTripper
	alter func(*rollback.Options)
}

func (f *fixture) client(name string, opts clientOptions) client {
	f.t.Helper()
	if opts.group == "" {
		opts.group = undogGroup
	}
	c := client{user: name + "-" + f.namespace}
	config, err := control.RESTConfigFor(c.user, opts.group)
	if err != nil {
		f.t.Fatal(err)
	}
	config.QPS = -1
	// As in the daemon: what is raw must be asked for as JSON.
	config.ContentType = "application/vnd.kubernetes.protobuf"
	if opts.via != nil {
		config.Wrap(opts.via)
	}
	if c.kube, err = kubernetes.NewForConfig(config); err != nil {
		f.t.Fatal(err)
	}
	if c.store, err = ledger.New(ledger.Options{Apps: c.kube.AppsV1().RESTClient()}); err != nil {
		f.t.Fatal(err)
	}
	options := rollback.Options{
		Apps: c.kube.AppsV1().RESTClient(), Core: c.kube.CoreV1().RESTClient(),
		Ledger: c.store, MayAct: func() bool { return true },
		GiveBackFailed: func(w policy.Workload, err error) { f.t.Errorf("give back %s: %v", w, err) },
	}
	if opts.alter != nil {
		opts.alter(&options)
	}
	if c.Executor, err = rollback.New(options); err != nil {
		f.t.Fatal(err)
	}
	return c
}

// want fails unless the action ended so.
func (f *fixture) want(got policy.Outcome, result policy.Result, reason string) {
	f.t.Helper()
	if got.Result != result || got.Reason != reason {
		f.t.Errorf("outcome = %s %s %q, want %s %s", got.Result, got.Reason, got.Message, result, reason)
	}
	if strings.Contains(got.Message, "hunter2") {
		f.t.Errorf("message shows a secret: %s", got.Message)
	}
}

// answers are the codes of the answers to the user's patches of the
// Deployment, in the order in which they were given.
func (f *fixture) answers(user string) []int {
	f.t.Helper()
	events, err := control.AuditEvents(cluster.AuditFilter{User: user, Verb: "patch", Resource: "deployments", Namespace: f.namespace})
	if err != nil {
		f.t.Fatal(err)
	}
	codes := []int{}
	for _, e := range events {
		codes = append(codes, int(e.ResponseStatus.Code))
	}
	return codes
}

func (f *fixture) firstPatch(user string) int {
	f.t.Helper()
	codes := f.answers(user)
	if len(codes) == 0 {
		f.t.Fatalf("audit log has no patch by %s", user)
	}
	return codes[0]
}

func sorted(codes []int) []int {
	slices.Sort(codes)
	return codes
}

func (f *fixture) wantPatches(user string, want ...int) {
	f.t.Helper()
	if got := sorted(settledPatches(f.answers(user))); !slices.Equal(got, want) {
		f.t.Errorf("audit log has patches answered %v, want %v", got, want)
	}
}

// settledPatches leaves out the patches that failed their test after one was
// accepted: giving the ownership back races with the Deployment controller's
// own writes, and is tried again.
func settledPatches(codes []int) []int {
	accepted := false
	return slices.DeleteFunc(codes, func(code int) bool {
		late := accepted && code == 422
		accepted = accepted || code == 200
		return late
	})
}

func (f *fixture) wantImage(want string) {
	f.t.Helper()
	if got := f.image(); got != want {
		f.t.Errorf("image is %s, want %s", got, want)
	}
}

func (f *fixture) wantOwned(manager string, want bool) {
	f.t.Helper()
	got := slices.ContainsFunc(f.get().ManagedFields, func(e metav1.ManagedFieldsEntry) bool { return e.Manager == manager })
	if got != want {
		f.t.Errorf("%s manages fields: %v, want %v", manager, got, want)
	}
}

func (f *fixture) records() map[string]policy.Record {
	f.t.Helper()
	list, err := f.admin.AppsV1().ControllerRevisions(f.namespace).List(f.ctx, metav1.ListOptions{LabelSelector: ledger.Selector()})
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[string]policy.Record{}
	for i := range list.Items {
		rec, err := ledger.Decode(&list.Items[i])
		if err != nil {
			f.t.Fatal(err)
		}
		out[rec.Revision.UID] = rec
	}
	return out
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// trip is a RoundTripper as a function.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// onPatch calls do instead of sending the n-th patch (from 1) of a resource.
func onPatch(resource string, n int32, do func(next http.RoundTripper, r *http.Request) (*http.Response, error)) func(http.RoundTripper) http.RoundTripper {
	seen := counter{}
	return func(next http.RoundTripper) http.RoundTripper {
		return trip(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/"+resource+"/") && seen.next() == n {
				return do(next, r)
			}
			return next.RoundTrip(r)
		})
	}
}

var errCut = fmt.Errorf("the connection was cut")
