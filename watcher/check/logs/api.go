package logs

import (
	"context"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
)

// Through opens logs through the API server, which needs the right to get
// pods/log.
func Through(pods corev1client.PodsGetter) Opener { return &api{pods} }

type api struct{ pods corev1client.PodsGetter }

// Open is part of Opener.
func (a *api) Open(ctx context.Context, r Request) (io.ReadCloser, error) {
	// One byte more than is read shows that there was more.
	limit := int64(maxBytes + 1)
	options := &corev1.PodLogOptions{Container: r.Container, Previous: r.Previous, Timestamps: true, LimitBytes: &limit}
	if !r.Since.IsZero() {
		since := metav1.NewTime(r.Since.Truncate(time.Second))
		options.SinceTime = &since
	}
	log, err := a.pods.Pods(r.Namespace).GetLogs(r.Pod, options).Stream(ctx)
	switch {
	case err == nil:
		return log, nil
	case apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err):
		return nil, fmt.Errorf("%w: %w", ErrForbidden, err)
	case apierrors.IsNotFound(err) || apierrors.IsBadRequest(err):
		// A bad request is a container that has not started, or a previous one
		// that is not there.
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	return nil, fmt.Errorf("open log of pod %s: %w", r.Pod, err)
}
