package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/redact"
	"github.com/undog-dev/undog/watcher/check/unread"
)

// What leaves of an error and of a line.
const (
	maxMessage = 300
	maxExcerpt = 200
)

// look reads what a pod has written since its mark, and moves the mark. A log
// that broke off tells nothing, whatever was found in it before: else logs in
// which something is found would count more often.
func (c *Check) look(ctx context.Context, at time.Time, from mark, pod *corev1.Pod) check.Result {
	container := containerOf(pod, c.check.Log.Container)
	if container == "" {
		c.memory.keep(pod, mark{line: from.line, times: from.times, ended: from.ended, looked: at})
		return inconclusive(check.ReasonContainer, fmt.Sprintf("the pod has no container called %q", c.check.Log.Container))
	}
	began := time.Now()
	s := &scan{check: c, began: from, mark: from, room: maxBytes}
	err := c.read(ctx, s, pod, container)
	if err != nil {
		from.looked = at
		c.memory.keep(pod, from)
		return unreadable(ctx, err)
	}
	if s.cut() {
		s.mark.line, s.mark.times = later(s.mark.line, at), 0
	}
	s.mark.looked = at
	c.memory.keep(pod, s.mark)
	r := check.Result{Outcome: check.Passed, Took: time.Since(began)}
	if s.found != nil {
		r.Outcome, r.Reason = check.Failed, check.ReasonExpectation
		r.Expectation = "no line matches " + redact.Line(s.found.pattern.String(), maxMessage/2)
		r.Message = "the log of container " + container + " has a line that matches " + redact.Line(s.found.pattern.String(), maxMessage/2)
		r.Excerpt = redact.Around(s.found.line, s.found.pattern.FindStringIndex, maxExcerpt)
	}
	if s.cut() {
		r.Message += fmt.Sprintf(" (only the first %d KiB that were written since the last look were read)", maxBytes>>10)
	}
	return r
}

// read reads the log of the container before a restart, if there was one since
// the mark, and the log of the present one.
func (c *Check) read(ctx context.Context, s *scan, pod *corev1.Pod, container string) error {
	request := Request{Namespace: pod.Namespace, Pod: pod.Name, Container: container, Since: s.began.line}
	if ended := endedAt(pod, container); !ended.IsZero() && !ended.Equal(s.mark.ended) {
		if !ended.Before(s.began.line.Truncate(time.Second)) {
			before := request
			before.Previous = true
			if err := c.open(ctx, s, before); err != nil && !errors.Is(err, ErrNone) {
				return err
			}
		}
		s.mark.ended = ended
	}
	return c.open(ctx, s, request)
}

func (c *Check) open(ctx context.Context, s *scan, r Request) error {
	if s.cut() {
		return nil
	}
	log, err := c.opener.Open(ctx, r)
	if err != nil {
		return err
	}
	// A stream that goes on without end ends with the time there is.
	stop := context.AfterFunc(ctx, func() { _ = log.Close() })
	defer func() {
		stop()
		_ = log.Close()
	}()
	if err := s.lines(log); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return ctx.Err()
}

func inconclusive(reason check.Reason, message string) check.Result {
	return check.Result{Outcome: check.Inconclusive, Reason: reason, Message: message}
}

// unreadable says why a log was not read. It is never the pod that was silent.
func unreadable(ctx context.Context, err error) check.Result {
	text := unread.Why(err, maxMessage)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return inconclusive(check.ReasonStopped, "undog stopped reading the log")
	case errors.Is(err, ErrForbidden):
		return inconclusive(check.ReasonForbidden, "undog may not read the log (get pods/log)")
	case errors.Is(err, ErrNone):
		return inconclusive(check.ReasonNoData, "the node has no log of the container: "+text)
	}
	if ctx.Err() != nil {
		text = "it did not end in time"
	}
	return inconclusive(check.ReasonUnavailable, "the log could not be read: "+text)
}

// containerOf is the name of the container of that name, or of the first; empty
// if there is none.
func containerOf(pod *corev1.Pod, want string) string {
	for i := range pod.Spec.Containers {
		if name := pod.Spec.Containers[i].Name; want == "" || name == want {
			return name
		}
	}
	for i := range pod.Spec.InitContainers {
		if name := pod.Spec.InitContainers[i].Name; name == want {
			return name
		}
	}
	return ""
}

// endedAt is when the container before the present one ended, zero if there
// was none.
func endedAt(pod *corev1.Pod, container string) time.Time {
	for _, list := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses} {
		for i := range list {
			if list[i].Name == container && list[i].LastTerminationState.Terminated != nil {
				return list[i].LastTerminationState.Terminated.FinishedAt.Time
			}
		}
	}
	return time.Time{}
}
