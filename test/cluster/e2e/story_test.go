//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/nats-io/nats.go"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/daemon"
)

// row is one line of the table that `make e2e` prints.
type row struct {
	name                                 string
	evidence, third, undo, told, healthy time.Duration
}

// story is one rollout, followed from the outside.
type story struct {
	t         *testing.T
	ctx       context.Context
	namespace string
	// app is the Deployment's name, undog the one that watches it.
	app   string
	undog *daemon.Daemon
	// good is the template that was proven.
	good    corev1.PodTemplateSpec
	events  chan *nats.Msg
	changed time.Time
	row     row

	mu sync.Mutex
	// exits is how often the pod that exited most had done so when the
	// template was back.
	exits      int32
	mostExits  int32
	undoneSeen chan struct{}
}

// begin brings a Deployment to a revision that undog has found good.
func begin(t *testing.T, name string, replicas int32) *story {
	t.Helper()
	s := open(t, name, stepTimeout)
	d, err := shared.client.AppsV1().Deployments(s.namespace).Create(s.ctx, deployment(replicas), metav1.CreateOptions{FieldManager: "owner"})
	if err != nil {
		t.Fatal(err)
	}
	s.good = d.Spec.Template
	s.await("verdict.good")
	return s
}

// open makes a namespace and hears the events about it.
func open(t *testing.T, name string, within time.Duration) *story {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	t.Cleanup(cancel)
	s := &story{
		t: t, ctx: ctx, app: "shop", undog: shared.undog, row: row{name: name},
		events: make(chan *nats.Msg, 256), undoneSeen: make(chan struct{}),
	}
	ns, err := shared.client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "e2e-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.namespace = ns.Name
	t.Cleanup(func() {
		if err := shared.client.CoreV1().Namespaces().Delete(context.WithoutCancel(ctx), s.namespace, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	sub, err := shared.nats.ChanSubscribe("undog.v1.event.*."+s.namespace+".>", s.events)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sub.Unsubscribe() })
	return s
}

// change releases a new revision of the container.
func (s *story) change(f func(*corev1.Container)) {
	s.t.Helper()
	s.release(func(spec *corev1.PodSpec) { f(&spec.Containers[0]) })
}

// release releases a new revision and starts the clock.
func (s *story) release(f func(*corev1.PodSpec)) {
	s.t.Helper()
	s.follow()
	d, err := shared.client.AppsV1().Deployments(s.namespace).Get(s.ctx, s.app, metav1.GetOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	f(&d.Spec.Template.Spec)
	s.changed = time.Now()
	if _, err := shared.client.AppsV1().Deployments(s.namespace).Update(s.ctx, d, metav1.UpdateOptions{FieldManager: "owner"}); err != nil {
		s.t.Fatal(err)
	}
	s.await("rollout.started")
}

// follow notes when the API server shows what: the first sign of trouble on a
// pod, its third exit, the template back in place.
func (s *story) follow() {
	s.t.Helper()
	pods, err := shared.client.CoreV1().Pods(s.namespace).Watch(s.ctx, metav1.ListOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	deployments, err := shared.client.AppsV1().Deployments(s.namespace).Watch(s.ctx, metav1.ListOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	var watching sync.WaitGroup
	watching.Go(func() { each(pods, s.pod) })
	watching.Go(func() { each(deployments, s.deployment) })
	s.t.Cleanup(func() { pods.Stop(); deployments.Stop(); watching.Wait() })
}

func each[T any](w watch.Interface, f func(T)) {
	for e := range w.ResultChan() {
		if o, ok := e.Object.(T); ok {
			f(o)
		}
	}
}

func (s *story) pod(p *corev1.Pod) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range append(p.Status.InitContainerStatuses, p.Status.ContainerStatuses...) {
		ended := c.State.Terminated != nil || c.State.Waiting != nil && c.LastTerminationState.Terminated != nil
		exits := c.RestartCount
		if ended {
			exits++
		}
		unpulled := c.State.Waiting != nil && c.State.Waiting.Reason == "ErrImagePull"
		if (exits > 0 || unpulled) && s.row.evidence == 0 {
			s.row.evidence = time.Since(s.changed)
		}
		if exits >= 3 && s.row.third == 0 {
			s.row.third = time.Since(s.changed)
		}
		s.mostExits = max(s.mostExits, exits)
	}
}

func (s *story) deployment(d *appsv1.Deployment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.row.undo == 0 && strings.Contains(d.Annotations["undog.dev/rollbacks"], "id") && d.Spec.Template.Spec.Containers[0].Image == s.good.Spec.Containers[0].Image {
		s.row.undo = time.Since(s.changed)
		s.exits = s.mostExits
		close(s.undoneSeen)
	}
}

// undone waits for the undo and its event, checks that there was one, and
// returns the verdict.
func (s *story) undone(reason string) notify.Event {
	s.t.Helper()
	bad := s.await("verdict.bad")
	if bad.Data.Reason != reason {
		s.t.Errorf("convicted for %s (%s), want %s", bad.Data.Reason, bad.Data.Message, reason)
	}
	s.await("rollback.done")
	s.row.told = time.Since(s.changed)
	select {
	case <-s.undoneSeen:
	case <-s.ctx.Done():
		s.t.Fatal("the event says undone, and the Deployment does not show it")
	}
	if n := s.patches(); n != 1 {
		s.t.Errorf("the audit log has %d patches of the template, want 1", n)
	}
	s.answers([]string{"explain", "--server", s.undog.HTTP},
		"judged by the undog at "+s.undog.HTTP, "was found bad: "+reason, "was undone: back to revision 1")
	s.answers([]string{"history"}, "was found bad: "+reason, "was undone: back to revision 1")
	return bad
}

// answers checks that the texts are in what a command says to people who ask.
func (s *story) answers(command []string, texts ...string) {
	s.t.Helper()
	args := append(command, s.namespace+"/"+s.app, "--kubeconfig", shared.cluster.Kubeconfig())
	cmd := exec.CommandContext(s.ctx, filepath.Join(os.Getenv("UNDOG_BIN"), "undog"), args...)
	cmd.Dir = s.t.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Errorf("undog %s: %v\n%s", command[0], err, out)
		return
	}
	// Lines are broken anywhere.
	said := strings.Join(strings.Fields(string(out)), " ")
	for _, want := range texts {
		if !strings.Contains(said, want) {
			s.t.Errorf("undog %s does not say %q:\n%s", command[0], want, out)
		}
	}
}

// recovered waits until the Deployment is healthy again, on its old template.
func (s *story) recovered() {
	s.t.Helper()
	s.await("rollout.recovered")
	s.row.healthy = time.Since(s.changed)
	d, err := shared.client.AppsV1().Deployments(s.namespace).Get(s.ctx, s.app, metav1.GetOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	if !equality.Semantic.DeepEqual(d.Spec.Template, s.good) {
		s.t.Errorf("after the undo the template is %+v, want %+v", d.Spec.Template, s.good)
	}
	if d.Status.AvailableReplicas != *d.Spec.Replicas {
		s.t.Errorf("after the undo %d of %d pods are available", d.Status.AvailableReplicas, *d.Spec.Replicas)
	}
	shared.rows = append(shared.rows, s.row)
}

// untouched checks that undog patched nothing.
func (s *story) untouched() {
	s.t.Helper()
	if n := s.patches(); n != 0 {
		s.t.Errorf("the audit log has %d patches of the template, want none", n)
	}
}

// patches counts the accepted patches by undog that set the template.
func (s *story) patches() int {
	s.t.Helper()
	events, err := shared.cluster.AuditEvents(cluster.AuditFilter{Verb: "patch", Resource: "deployments", Namespace: s.namespace, Code: 200, Main: true})
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, e := range events {
		if !strings.HasPrefix(e.UserAgent, "undog/") || e.RequestObject == nil {
			continue
		}
		var ops []struct{ Op, Path string }
		if err := json.Unmarshal(e.RequestObject.Raw, &ops); err != nil {
			s.t.Fatalf("read a patch from the audit log: %v", err)
		}
		for _, op := range ops {
			if op.Op == "replace" && op.Path == "/spec/template" {
				n++
			}
		}
	}
	return n
}

// await reads events until one of the kind comes.
func (s *story) await(kind string) notify.Event {
	s.t.Helper()
	for {
		select {
		case msg := <-s.events:
			if !strings.HasSuffix(msg.Subject, "."+kind) {
				continue
			}
			e, err := notify.Decode(msg.Data)
			if err != nil {
				s.t.Fatal(err)
			}
			return e
		case <-s.ctx.Done():
			s.t.Fatalf("no event %s came: %v", kind, s.ctx.Err())
		}
	}
}

// printRows prints what was measured.
func printRows() {
	if len(shared.rows) == 0 {
		return
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	_, _ = fmt.Fprintln(w, "\n| change\t| first evidence\t| third exit\t| undone\t| event received\t| healthy again\t|")
	_, _ = fmt.Fprintln(w, "|---\t|---\t|---\t|---\t|---\t|---\t|")
	for _, r := range shared.rows {
		_, _ = fmt.Fprintf(w, "| %s\t| %s\t| %s\t| %s\t| %s\t| %s\t|\n", r.name, seconds(r.evidence), seconds(r.third), seconds(r.undo), seconds(r.told), seconds(r.healthy))
	}
	_ = w.Flush()
}

// seconds is what was measured; some things some changes never show on a pod.
func seconds(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
