package kubeevents

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// key says which Events are the same.
type key struct {
	workload, revision string
	kind               policy.TransitionKind
	note               string
}

// series is an Event and how often the same happened.
type series struct {
	namespace, name, uid string
	// last is the id of the newest transition.
	last  string
	count int32
	at    time.Time
}

const (
	// open is how long after the last one a repetition belongs to a series, as
	// for the Events of Kubernetes' own components.
	open = 6 * time.Minute
	// tryFor bounds one request. maxTries are made, retryAfter apart and longer
	// each time.
	tryFor     = 10 * time.Second
	maxTries   = 3
	retryAfter = time.Second
)

// tell writes the Event of a transition, or counts it in the one that tells the same.
func (r *Recorder) tell(ctx context.Context, t *policy.Transition) {
	e, ok := event(t, r.opts.Instance)
	if !ok {
		return
	}
	k := key{t.Workload.UID, t.Revision.UID, t.Kind, e.Message}
	s, known := r.series.get(k)
	switch {
	case known && s.last == t.ID:
		return
	case known && t.At.Sub(s.at) <= open:
		// What is not written now is in the next count.
		s.last, s.count, s.at = t.ID, s.count+1, t.At
	default:
		known = false
	}
	stamp, ok := r.limits.allow(t.Workload.UID, t.At, time.Now())
	if !ok {
		r.limited.Add(1)
		return
	}
	e.LastTimestamp = metav1.NewTime(stamp)
	if known {
		err := r.try(ctx, func(ctx context.Context) error { return r.repeat(ctx, s, e.LastTimestamp) })
		if err == nil {
			r.repeated.Add(1)
			return
		}
		if !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			r.fail(t, err)
			return
		}
		// The Event is gone, or another of its name is there: begin anew.
		r.series.drop(k)
	}
	if err := r.try(ctx, func(ctx context.Context) error { return r.create(ctx, k, t, e) }); err != nil {
		r.fail(t, err)
	}
}

// create makes an Event, which may be told of again.
func (r *Recorder) create(ctx context.Context, k key, t *policy.Transition, e *corev1.Event) error {
	made, err := r.opts.Sink.Create(ctx, e)
	switch {
	case apierrors.IsAlreadyExists(err):
		// An undog before this one has told it, or a try whose answer was lost.
		return nil
	case err != nil:
		return fmt.Errorf("create event %s: %w", e.Name, err)
	}
	r.written.Add(1)
	r.series.forget(func(s *series) bool { return t.At.Sub(s.at) > open })
	r.series.put(k, &series{e.Namespace, e.Name, string(made.UID), t.ID, 1, t.At})
	return nil
}

// repeat writes how often the same has happened. The uid makes sure that it is
// written into the Event that is meant.
func (r *Recorder) repeat(ctx context.Context, s *series, stamp metav1.Time) error {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": s.uid},
		"count":    s.count, "lastTimestamp": stamp,
		"series": corev1.EventSeries{Count: s.count, LastObservedTime: metav1.NewMicroTime(s.at)},
	})
	if err != nil {
		return fmt.Errorf("encode patch of event %s: %w", s.name, err)
	}
	if err := r.opts.Sink.Patch(ctx, s.namespace, s.name, patch); err != nil {
		return fmt.Errorf("patch event %s: %w", s.name, err)
	}
	return nil
}

// try makes a request again where that may help.
func (r *Recorder) try(ctx context.Context, request func(context.Context) error) error {
	wait := retryAfter
	for n := 1; ; n++ {
		err := func() error {
			ctx, cancel := context.WithTimeout(ctx, tryFor)
			defer cancel()
			return request(ctx)
		}()
		if err == nil || final(err) || n == maxTries {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		wait *= 4
	}
}

// final tells whether the API server has said no to what was asked, and not
// only that it is busy.
func final(err error) bool {
	switch {
	case apierrors.IsTooManyRequests(err), apierrors.IsServerTimeout(err), apierrors.IsTimeout(err), apierrors.IsServiceUnavailable(err),
		apierrors.IsInternalError(err):
		return false
	}
	code := apierrors.ReasonForError(err)
	return code != metav1.StatusReasonUnknown
}
