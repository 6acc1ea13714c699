package execute

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/watcher/check"
)

// Command is one to be run.
type Command struct {
	Namespace, Pod, Container string
	Args                      []string
}

// Runner runs a command and writes what it says to out, whose Write may be
// called by two goroutines at a time and never fails. The error is nil if the
// command ended, with whatever code. Run returns when ctx ends.
type Runner interface {
	Run(ctx context.Context, c Command, out io.Writer) (code int, err error)
}

// The errors of a Runner. Any other means that the command could not be started.
var (
	// ErrForbidden is a right that undog lacks.
	ErrForbidden = errors.New("not allowed")
	// ErrUnavailable is trouble on the way to the pod's node.
	ErrUnavailable = errors.New("no way to the container")
)

// maxOutput is how much is read of what a command writes.
const maxOutput = 256 << 10

// Check is a check of the kind exec made ready. It may be used by several
// goroutines at once.
type Check struct {
	check  check.Check
	exec   check.Exec
	runner Runner
	expect []expectation
}

// New makes a check ready. The error is check.Problems.
func New(c check.Check, r Runner) (*Check, error) {
	if err := check.Validate(&c, nil); err != nil {
		return nil, err
	}
	if c.Exec == nil || r == nil {
		return nil, fmt.Errorf("make check %s ready: it is no command, or there is nothing that runs one", c.Name)
	}
	return &Check{check: c, exec: *c.Exec, runner: r, expect: expectations(&c.Exec.Output)}, nil
}

// Sample runs the command on all pods at the same moment. fresh are those of the
// revision that is judged. It returns when all have ended.
func (c *Check) Sample(ctx context.Context, at time.Time, fresh, old []*corev1.Pod) check.Sample {
	timeout := cmp.Or(c.check.Timeout, check.DefaultTimeout)
	pods := append(append([]*corev1.Pod(nil), fresh...), old...)
	results := make([]check.Result, len(pods))
	var running sync.WaitGroup
	for i, pod := range pods {
		running.Go(func() { results[i] = c.run(ctx, timeout, pod) })
	}
	running.Wait()
	for i := range results {
		results[i].Check, results[i].Pod, results[i].At = c.check.Name, pods[i].Name, at
	}
	s := check.Tally(results[:len(fresh)], results[len(fresh):])
	s.Check, s.At = c.check.Name, at
	for i := range s.Pods {
		s.Pods[i].Node = nodeOf(fresh, s.Pods[i].Name)
	}
	for _, r := range results {
		if r.Reason == check.ReasonTimeout {
			s.RetryAfter = timeout // It still runs.
		}
	}
	return s
}

func nodeOf(pods []*corev1.Pod, name string) string {
	for _, p := range pods {
		if p.Name == name {
			return p.Spec.NodeName
		}
	}
	return ""
}

// run runs the command on one pod.
func (c *Check) run(ctx context.Context, timeout time.Duration, pod *corev1.Pod) check.Result {
	container, r := c.container(pod)
	if container == "" {
		return r
	}
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out := &output{}
	code, err := c.runner.Run(limited, Command{pod.Namespace, pod.Name, container, c.exec.Command}, out)
	switch {
	case err == nil:
		r = c.judge(code, out)
	case ctx.Err() != nil:
		r = inconclusive(check.ReasonStopped, "undog stopped waiting for the command")
	case limited.Err() != nil:
		r = inconclusive(check.ReasonTimeout, "the command did not end within "+timeout.String())
	case errors.Is(err, ErrForbidden):
		r = inconclusive(check.ReasonForbidden, "undog may not run commands there: "+plain(err))
	case errors.Is(err, ErrUnavailable):
		r = inconclusive(check.ReasonUnavailable, "the container could not be reached: "+plain(err))
	default:
		r = inconclusive(check.ReasonNotStarted, "the command could not be started: "+plain(err))
	}
	r.Took = time.Since(began)
	return r
}

// container is the name of the one to run in, empty with the reason if the pod
// has none of the name.
func (c *Check) container(pod *corev1.Pod) (string, check.Result) {
	want := c.exec.Container
	for i := range pod.Spec.Containers {
		if name := pod.Spec.Containers[i].Name; want == "" || name == want {
			return name, check.Result{}
		}
	}
	for i := range pod.Spec.InitContainers {
		if name := pod.Spec.InitContainers[i].Name; name == want && want != "" {
			return name, check.Result{}
		}
	}
	return "", inconclusive(check.ReasonContainer, fmt.Sprintf("the pod has no container called %q", want))
}

func inconclusive(reason check.Reason, message string) check.Result {
	return check.Result{Outcome: check.Inconclusive, Reason: reason, Message: message}
}

// These are the exit codes of a command that was not found or is no program.
const cannotExecute, notFound = 126, 127

// judge holds what came of the command against what is expected.
func (c *Check) judge(code int, out *output) check.Result {
	if !c.fits(code) {
		if code == cannotExecute || code == notFound {
			return inconclusive(check.ReasonNotStarted, fmt.Sprintf("the command could not be started: exit code %d", code))
		}
		return check.Result{
			Outcome: check.Failed, Reason: check.ReasonExpectation, Expectation: "exit code " + c.codes(),
			Message: fmt.Sprintf("the command exited with code %d, expected was %s", code, c.codes()),
		}
	}
	return c.meet(out.text())
}

func (c *Check) fits(code int) bool {
	if len(c.exec.ExitCodes) == 0 {
		return code == 0
	}
	return slices.Contains(c.exec.ExitCodes, code)
}

func (c *Check) codes() string {
	if len(c.exec.ExitCodes) == 0 {
		return "0"
	}
	var codes []string
	for _, code := range c.exec.ExitCodes {
		codes = append(codes, strconv.Itoa(code))
	}
	return strings.Join(codes, " or ")
}
