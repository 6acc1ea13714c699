package execute_test

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

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/execute"
)

// said is how one pod answers a command.
type said struct {
	out   string
	code  int
	err   error
	hangs bool
}

// node answers commands by the name of the pod.
type node struct {
	mu    sync.Mutex
	pods  map[string]said
	asked []execute.Command
}

func (n *node) Run(ctx context.Context, c execute.Command, out io.Writer) (int, error) {
	n.mu.Lock()
	n.asked = append(n.asked, c)
	s := n.pods[c.Pod]
	n.mu.Unlock()
	_, _ = io.WriteString(out, s.out)
	if s.hangs {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return s.code, s.err
}

func pod(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name},
		Spec:       corev1.PodSpec{NodeName: "node-of-" + name, Containers: []corev1.Container{{Name: "app"}, {Name: "proxy"}}},
	}
}

func ready(t *testing.T, e check.Exec, r execute.Runner) *execute.Check {
	t.Helper()
	e.Command = []string{"/selftest", "--all"}
	c, err := execute.New(check.Check{Name: "selftest", Timeout: 5 * time.Second, Exec: &e}, r)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var at = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func TestSample(t *testing.T) {
	well := said{out: "ok\n"}
	missing := errors.New(`OCI runtime exec failed: exec: "/selftest": executable file not found in $PATH`)
	forbidden := fmt.Errorf("%w: pods is forbidden", execute.ErrForbidden)
	away := fmt.Errorf("%w: dial tcp: refused", execute.ErrUnavailable)
	for name, tt := range map[string]struct {
		exec     check.Exec
		now, old said
		outcome  check.Outcome
		reason   check.Reason
		message  string
		counts   [4]int
		absolute bool
	}{
		"well":                {now: well, old: well, outcome: check.Passed, counts: [4]int{1, 0, 2, 0}},
		"exits":               {now: said{code: 3, out: "password=hunter2"}, old: well, outcome: check.Failed, reason: check.ReasonExpectation, message: "the command exited with code 3, expected was 0", counts: [4]int{1, 1, 2, 0}, absolute: true},
		"exits on both":       {now: said{code: 3}, old: said{code: 3}, outcome: check.Inconclusive, reason: check.ReasonExpectation, message: "fails on the old revision too", counts: [4]int{1, 1, 2, 2}, absolute: true},
		"another code":        {exec: check.Exec{ExitCodes: []int{3, 4}}, now: said{code: 4}, old: said{code: 3}, outcome: check.Passed, counts: [4]int{1, 0, 2, 0}},
		"not that code":       {exec: check.Exec{ExitCodes: []int{3, 4}}, now: well, old: said{code: 3}, outcome: check.Failed, reason: check.ReasonExpectation, message: "exited with code 0, expected was 3 or 4", counts: [4]int{1, 1, 2, 0}, absolute: true},
		"not there":           {now: said{err: missing}, old: well, outcome: check.Failed, reason: check.ReasonNotStarted, message: "the old revision answered at the same moment", counts: [4]int{1, 1, 2, 0}},
		"not there on both":   {now: said{err: missing}, old: said{err: missing}, outcome: check.Inconclusive, reason: check.ReasonNotStarted, message: "executable file not found"},
		"not there, by code":  {now: said{code: 127}, old: well, outcome: check.Failed, reason: check.ReasonNotStarted, message: "exit code 127", counts: [4]int{1, 1, 2, 0}},
		"127 is well":         {exec: check.Exec{ExitCodes: []int{127}}, now: said{code: 127}, old: said{code: 127}, outcome: check.Passed, counts: [4]int{1, 0, 2, 0}},
		"hangs":               {now: said{hangs: true}, old: well, outcome: check.Failed, reason: check.ReasonTimeout, message: "did not end within 5s", counts: [4]int{1, 1, 2, 0}},
		"the old one hangs":   {now: well, old: said{hangs: true}, outcome: check.Passed, counts: [4]int{1, 0, 2, 2}},
		"forbidden":           {now: said{err: forbidden}, old: well, outcome: check.Inconclusive, reason: check.ReasonForbidden, message: "undog may not run commands there", counts: [4]int{0, 0, 2, 0}},
		"no way":              {now: said{err: away}, old: well, outcome: check.Inconclusive, reason: check.ReasonUnavailable, message: "could not be reached", counts: [4]int{0, 0, 2, 0}},
		"another container":   {exec: check.Exec{Container: "web"}, now: well, old: well, outcome: check.Inconclusive, reason: check.ReasonContainer, message: `no container called "web"`},
		"says the wrong":      {exec: check.Exec{Output: check.BodyExpect{NotMatches: []string{"(?m)^FAIL"}}}, now: said{out: "a\nFAIL token=abc\nsecret"}, old: well, outcome: check.Failed, reason: check.ReasonExpectation, message: "output does not match (?m)^FAIL; it has", counts: [4]int{1, 1, 2, 0}, absolute: true},
		"does not say":        {exec: check.Exec{Output: check.BodyExpect{Contains: []string{"ok"}}}, now: said{out: "hm"}, old: well, outcome: check.Failed, reason: check.ReasonExpectation, message: `expected was: output contains "ok"; it does not`, counts: [4]int{1, 1, 2, 0}, absolute: true},
		"says too much first": {exec: check.Exec{Output: check.BodyExpect{Contains: []string{"ok"}}}, now: said{out: strings.Repeat("x", 1<<20) + "ok"}, old: well, outcome: check.Inconclusive, reason: check.ReasonTooLarge, message: "longer than the 262144 bytes", counts: [4]int{0, 0, 2, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &node{pods: map[string]said{"new": tt.now, "old-1": tt.old, "old-2": tt.old}}
				s := ready(t, tt.exec, n).Sample(t.Context(), at, []*corev1.Pod{pod("new")}, []*corev1.Pod{pod("old-1"), pod("old-2")})
				r := s.Result
				if r.Outcome != tt.outcome || r.Reason != tt.reason || !strings.Contains(r.Message, tt.message) {
					t.Errorf("got %s %s %q, want %s %s %q", r.Outcome, r.Reason, r.Message, tt.outcome, tt.reason, tt.message)
				}
				if got := [4]int{s.New, s.NewFailed, s.Old, s.OldFailed}; got != tt.counts || s.Absolute != tt.absolute {
					t.Errorf("counts are %v, absolute %t; want %v, %t", got, s.Absolute, tt.counts, tt.absolute)
				}
				if text := fmt.Sprintf("%+v", s); strings.Contains(text, "hunter2") || strings.Contains(text, "abc") || strings.Contains(text, "secret") {
					t.Errorf("a secret leaks: %s", text)
				}
				if hung := tt.now.hangs || tt.old.hangs; hung != (s.RetryAfter > 0) {
					t.Errorf("asks to wait for %s", s.RetryAfter)
				}
				for _, p := range s.Pods {
					if p.Name != "new" || p.Node != "node-of-new" || p.Failed != (s.NewFailed > 0) {
						t.Errorf("the pod is told as %+v", p)
					}
				}
			})
		})
	}
}

func TestExcerptIsTheLineThatHasIt(t *testing.T) {
	line := strings.Repeat("x ", 1000) + "password=hunter2 FAIL of order " + strings.Repeat("y ", 1000)
	n := &node{pods: map[string]said{"new": {out: "hidden\n" + line + "\nhidden\n"}}}
	c := ready(t, check.Exec{Output: check.BodyExpect{NotContains: []string{"FAIL"}}}, n)
	s := c.Sample(t.Context(), at, []*corev1.Pod{pod("new")}, nil)
	if x := s.Result.Excerpt; !strings.Contains(x, "FAIL of order") || strings.Contains(x, "hidden") || strings.Contains(x, "hunter2") || len(x) > 260 {
		t.Errorf("the excerpt is %q", x)
	}
	if !s.Absolute || s.New != 1 || s.NewFailed != 1 || s.Old != 0 {
		t.Errorf("without old pods: %+v", s)
	}
}

func TestCommandAndContainer(t *testing.T) {
	n := &node{}
	ready(t, check.Exec{Container: "proxy"}, n).Sample(t.Context(), at, []*corev1.Pod{pod("new")}, nil)
	ready(t, check.Exec{}, n).Sample(t.Context(), at, []*corev1.Pod{pod("new")}, nil)
	want := "[{shop new proxy [/selftest --all]} {shop new app [/selftest --all]}]"
	if got := fmt.Sprint(n.asked); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := &node{pods: map[string]said{"new": {hangs: true}}}
		go func() {
			synctest.Wait()
			cancel()
		}()
		s := ready(t, check.Exec{}, n).Sample(ctx, at, []*corev1.Pod{pod("new")}, []*corev1.Pod{pod("old-1")})
		if s.Result.Reason != check.ReasonStopped || s.New != 0 {
			t.Errorf("got %+v", s)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]check.Check{
		"no command":   {Name: "x", Exec: &check.Exec{}},
		"another kind": {Name: "x", Log: &check.Log{Patterns: []string{"a"}}},
		"bad pattern":  {Name: "x", Exec: &check.Exec{Command: []string{"a"}, Output: check.BodyExpect{Matches: []string{"("}}}},
	} {
		if _, err := execute.New(c, &node{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
