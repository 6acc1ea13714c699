package logs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/logs"
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// node keeps logs, by pod.
type node struct {
	mu    sync.Mutex
	logs  map[string]string
	prev  map[string]string
	errs  map[string]error
	body  map[string]io.ReadCloser
	asked []logs.Request
}

// Open gives what the kubelet would: whole lines since a second.
func (n *node) Open(_ context.Context, r logs.Request) (io.ReadCloser, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, r)
	if err := n.errs[r.Pod]; err != nil {
		return nil, err
	}
	if b := n.body[r.Pod]; b != nil {
		return b, nil
	}
	text := n.logs[r.Pod]
	if r.Previous {
		var ok bool
		if text, ok = n.prev[r.Pod]; !ok {
			return nil, fmt.Errorf("%w: previous terminated container not found", logs.ErrNone)
		}
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		stamp, _, _ := strings.Cut(line, " ")
		if at, err := time.Parse(time.RFC3339Nano, stamp); err != nil || !at.Before(r.Since.Truncate(time.Second)) {
			out.WriteString(line)
		}
	}
	return io.NopCloser(strings.NewReader(out.String())), nil
}

// write writes a line some time after the start.
func (n *node) write(pod string, after time.Duration, line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.logs == nil {
		n.logs = map[string]string{}
	}
	n.logs[pod] += start.Add(after).Format(time.RFC3339Nano) + " " + line + "\n"
}

// pod has been ready since some time after the start.
func pod(name string, ready time.Duration) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID("uid-" + name)},
		Spec:       corev1.PodSpec{NodeName: "n1", Containers: []corev1.Container{{Name: "app"}, {Name: "proxy"}}},
		Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{
			Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(start.Add(ready)),
		}}},
	}
}

func watch(t *testing.T, n *node, ignore ...string) *logs.Check {
	t.Helper()
	c, err := logs.New(check.Check{Name: "panics", Timeout: 10 * time.Second, Log: &check.Log{Patterns: []string{"Traceback", "^panic:"}, Ignore: ignore}}, n)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func list(pods ...*corev1.Pod) []*corev1.Pod { return pods }

func counts(s *check.Sample) [4]int { return [4]int{s.New, s.NewFailed, s.Old, s.OldFailed} }

func TestLooks(t *testing.T) {
	n := &node{}
	c := watch(t, n, "of a test")
	now, old := list(pod("new", 10*time.Second)), list(pod("old-1", -time.Hour), pod("old-2", -time.Hour))
	n.write("new", 5*time.Second, "panic: while it started")
	n.write("old-1", 5*time.Second, "panic: long before")
	n.write("new", 11*time.Second, "all is well")
	look := func(after time.Duration) *check.Sample {
		s := c.Sample(t.Context(), start.Add(after), now, old)
		if s.RetryAfter <= 0 {
			t.Error("asks for no time between looks")
		}
		return &s
	}
	if s := look(12 * time.Second); counts(s) != [4]int{1, 0, 2, 0} || s.Result.Outcome != check.Passed {
		t.Fatalf("the first look: %+v", s)
	}
	n.write("new", 13*time.Second, "panic: password=hunter2 in the handler")
	s := look(14 * time.Second)
	if counts(s) != [4]int{1, 1, 2, 0} || !s.Absolute || s.Result.Outcome != check.Failed || s.Result.Reason != check.ReasonExpectation {
		t.Fatalf("the second look: %+v", s)
	}
	if s.Result.Excerpt != "panic: password=[redacted] in the handler" || s.Result.Expectation != "no line matches ^panic:" || !s.Pods[0].Failed || s.Pods[0].Node != "n1" {
		t.Errorf("it is told as %+v of %+v", s.Result, s.Pods)
	}
	if s := look(16 * time.Second); counts(s) != [4]int{1, 0, 2, 0} {
		t.Errorf("a line is counted twice: %+v", s)
	}
	// One accident is one failure, and lines of the same time are all read, once.
	for range 1000 {
		n.write("new", 17*time.Second, "Traceback (most recent call last)")
		n.write("old-2", 17*time.Second, "Traceback (most recent call last)")
	}
	if s := look(18 * time.Second); counts(s) != [4]int{1, 1, 2, 1} || s.Absolute || s.Result.Outcome != check.Inconclusive {
		t.Errorf("where both fail: %+v", s)
	}
	n.write("new", 17*time.Second, "Traceback of a test")
	n.write("new", 17*time.Second, "it says panic: somewhere")
	if s := look(20 * time.Second); counts(s) != [4]int{1, 0, 2, 0} {
		t.Errorf("what is ignored or does not match: %+v", s)
	}
	n.write("new", 17*time.Second, "panic: in the same instant")
	if s := look(22 * time.Second); counts(s) != [4]int{1, 1, 2, 0} {
		t.Errorf("a later line of the same time is lost: %+v", s)
	}
}

// The two streams of a container may be out of order.
func TestOutOfOrder(t *testing.T) {
	n := &node{}
	c := watch(t, n)
	n.write("new", 11*time.Second, "first")
	n.write("new", 10*time.Second+999*time.Millisecond, "panic: of the other stream")
	s := c.Sample(t.Context(), start.Add(12*time.Second), list(pod("new", time.Second)), nil)
	if counts(&s) != [4]int{1, 1, 0, 0} || !s.Absolute {
		t.Errorf("got %+v", s)
	}
}

// Both revisions are looked at over the same time, and pods that come later from
// the look before on.
func TestSameStretch(t *testing.T) {
	n := &node{}
	c := watch(t, n)
	c.Sample(t.Context(), start.Add(10*time.Second), list(pod("new", 4*time.Second)), list(pod("old", -time.Hour)))
	c.Sample(t.Context(), start.Add(15*time.Second), list(pod("new", 4*time.Second), pod("young", 13*time.Second)), list(pod("old", -time.Hour), pod("other", -time.Hour)))
	since := map[string][]time.Duration{}
	for _, r := range n.asked {
		since[r.Pod] = append(since[r.Pod], r.Since.Sub(start))
	}
	want := map[string][]time.Duration{
		"new": {4 * time.Second, 4 * time.Second}, "old": {4 * time.Second, 4 * time.Second},
		"young": {13 * time.Second}, "other": {10 * time.Second},
	}
	if fmt.Sprint(since) != fmt.Sprint(want) {
		t.Errorf("read since %v, want %v", since, want)
	}
	n.asked = nil
	c.Sample(t.Context(), start.Add(time.Hour), list(pod("new", 4*time.Second)), list(pod("old", -time.Hour)))
	for _, r := range n.asked {
		if r.Since != start.Add(time.Hour-5*time.Minute) {
			t.Errorf("after a long time %s is read since %s", r.Pod, r.Since.Sub(start))
		}
	}
}

func TestFollowsTheSamePods(t *testing.T) {
	n := &node{}
	c := watch(t, n)
	var many, turned []*corev1.Pod
	for i := range 30 {
		many = append(many, pod(fmt.Sprintf("new-%02d", i), 0))
	}
	turned = append(append(turned, many[15:]...), many[:15]...)
	s := c.Sample(t.Context(), start.Add(time.Second), many, nil)
	c.Sample(t.Context(), start.Add(6*time.Second), turned, nil)
	asked := map[string]int{}
	for _, r := range n.asked {
		asked[r.Pod]++
	}
	if s.New != 10 || len(asked) != 10 || asked["new-00"] != 2 {
		t.Errorf("looked at %v", asked)
	}
}

func TestRestart(t *testing.T) {
	n := &node{prev: map[string]string{}}
	c := watch(t, n)
	p := pod("new", 0)
	at := func(after time.Duration) [4]int {
		s := c.Sample(t.Context(), start.Add(after), list(p), list(pod("old", -time.Hour)))
		return counts(&s)
	}
	at(5 * time.Second)
	ended := func(after time.Duration) {
		p = p.DeepCopy()
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", LastTerminationState: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{FinishedAt: metav1.NewTime(start.Add(after))},
		}}}
	}
	ended(7 * time.Second)
	n.prev["new"] = start.Add(6900*time.Millisecond).Format(time.RFC3339Nano) + " panic: and out\n"
	n.write("new", 8*time.Second, "up again")
	if got := at(10 * time.Second); got != [4]int{1, 1, 1, 0} {
		t.Errorf("the log before the restart is not read: %v", got)
	}
	n.asked = nil
	if got := at(15 * time.Second); got != [4]int{1, 0, 1, 0} || len(n.asked) != 2 {
		t.Errorf("it is read again: %v, %v", got, n.asked)
	}
	ended(16 * time.Second)
	delete(n.prev, "new") // The node has cleaned up.
	if got := at(20 * time.Second); got != [4]int{1, 0, 1, 0} {
		t.Errorf("without the log before: %v", got)
	}
}

// endless never ends until it is closed.
type endless struct {
	line   string
	closed chan struct{}
	once   sync.Once
}

func (e *endless) Read(p []byte) (int, error) {
	if e.line != "" {
		return copy(p, strings.Repeat(e.line, len(p)/len(e.line)+1)), nil
	}
	<-e.closed
	return 0, io.ErrClosedPipe
}

func (e *endless) Close() error {
	e.once.Do(func() { close(e.closed) })
	return nil
}

func TestHostileLogs(t *testing.T) {
	stamp := start.Add(time.Second).Format(time.RFC3339Nano) + " "
	for name, tt := range map[string]struct {
		body    io.ReadCloser
		text    string
		err     error
		counts  [4]int
		reason  check.Reason
		message string
	}{
		"empty":               {counts: [4]int{1, 0, 1, 0}},
		"no end of line":      {text: stamp + "panic: x", counts: [4]int{1, 1, 1, 0}, reason: check.ReasonExpectation},
		"binary":              {text: stamp + "Traceback \x00\xff\xfe\x1b[2J\n", counts: [4]int{1, 1, 1, 0}, reason: check.ReasonExpectation},
		"10 MB line":          {text: stamp + "panic: " + strings.Repeat("x", 10<<20), counts: [4]int{1, 1, 1, 0}, reason: check.ReasonExpectation, message: "only the first 1024 KiB"},
		"its end is not read": {text: stamp + strings.Repeat("x", 100<<10) + "Traceback\n" + stamp + "Traceback\n", counts: [4]int{1, 1, 1, 0}, reason: check.ReasonExpectation},
		"only its end":        {text: stamp + strings.Repeat("x", 100<<10) + "Traceback\n", counts: [4]int{1, 0, 1, 0}},
		"never stops":         {body: &endless{line: stamp + "all is well\n"}, counts: [4]int{1, 0, 1, 0}, message: "only the first 1024 KiB"},
		"never says anything": {body: &endless{}, counts: [4]int{0, 0, 1, 0}, reason: check.ReasonUnavailable, message: "could not be read"},
		"no times":            {text: "unable to retrieve container logs for containerd://0123\n", counts: [4]int{0, 0, 1, 0}, reason: check.ReasonNoData, message: "unable to retrieve"},
		"breaks off":          {body: io.NopCloser(io.MultiReader(strings.NewReader(stamp+"panic: x\n"), broken{})), counts: [4]int{0, 0, 1, 0}, reason: check.ReasonUnavailable, message: "connection reset"},
		"forbidden":           {err: fmt.Errorf("%w: pods/log", logs.ErrForbidden), counts: [4]int{0, 0, 1, 0}, reason: check.ReasonForbidden, message: "undog may not read"},
		"none":                {err: fmt.Errorf("%w: container is waiting", logs.ErrNone), counts: [4]int{0, 0, 1, 0}, reason: check.ReasonNoData},
		"node away":           {err: errors.New("dial tcp: refused"), counts: [4]int{0, 0, 1, 0}, reason: check.ReasonUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if e, ok := tt.body.(*endless); ok { // It must be made within the bubble.
					e.closed = make(chan struct{})
				}
				n := &node{logs: map[string]string{"new": tt.text}, errs: map[string]error{"new": tt.err}, body: map[string]io.ReadCloser{}}
				if tt.body != nil {
					n.body["new"] = tt.body
				}
				s := watch(t, n).Sample(t.Context(), start.Add(2*time.Second), list(pod("new", 0)), list(pod("old", -time.Hour)))
				if counts(&s) != tt.counts || s.Result.Reason != tt.reason || !strings.Contains(s.Result.Message, tt.message) {
					t.Errorf("got %v %s %q, want %v %s %q", counts(&s), s.Result.Reason, s.Result.Message, tt.counts, tt.reason, tt.message)
				}
				if len(s.Result.Excerpt) > 200 || strings.ContainsAny(s.Result.Excerpt, "\x00\x1b\n") {
					t.Errorf("the excerpt is %q", s.Result.Excerpt)
				}
			})
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// What could not be read is read the next time.
func TestBrokenLogIsReadAgain(t *testing.T) {
	n := &node{errs: map[string]error{}}
	c := watch(t, n)
	now := list(pod("new", 0))
	c.Sample(t.Context(), start.Add(time.Second), now, nil)
	n.write("new", 3*time.Second, "panic: x")
	n.errs["new"] = errors.New("away")
	if s := c.Sample(t.Context(), start.Add(5*time.Second), now, nil); s.New != 0 || s.Result.Outcome != check.Inconclusive {
		t.Errorf("got %+v", s)
	}
	n.errs["new"] = nil
	if s := c.Sample(t.Context(), start.Add(10*time.Second), now, nil); counts(&s) != [4]int{1, 1, 0, 0} {
		t.Errorf("got %+v", s)
	}
}

func TestContainer(t *testing.T) {
	n := &node{}
	c, err := logs.New(check.Check{Name: "x", Log: &check.Log{Container: "proxy", Patterns: []string{"a"}}}, n)
	if err != nil {
		t.Fatal(err)
	}
	without := pod("without", 0)
	without.Spec.Containers = without.Spec.Containers[:1]
	s := c.Sample(t.Context(), start, list(pod("new", 0)), list(without))
	if counts(&s) != [4]int{1, 0, 0, 0} || len(n.asked) != 1 || n.asked[0].Container != "proxy" {
		t.Errorf("got %+v of %v", s, n.asked)
	}
}

func TestForgets(t *testing.T) {
	n := &node{}
	c := watch(t, n)
	for i := range 5000 {
		c.Sample(t.Context(), start.Add(time.Duration(i)*time.Second), list(pod(fmt.Sprint("new-", i), 0)), nil)
	}
	if got := c.Followed(); got < 800 || got > 1000 {
		t.Errorf("remembers %d pods, want those of the last 15 minutes", got)
	}
	for i := range 10000 {
		c.Sample(t.Context(), start.Add(2*time.Hour+time.Duration(i)*time.Millisecond), list(pod(fmt.Sprint("many-", i), 0)), nil)
	}
	if got := c.Followed(); got > 4096 {
		t.Errorf("remembers %d pods, want 4096 at most", got)
	}
}
