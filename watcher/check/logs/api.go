package logs

import (
	"context"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/watcher/api"
)

// Through opens logs through the API server, which needs the right to get
// pods/log.
func Through(pods api.PodsGetter) Opener { return &server{pods} }

type server struct{ pods api.PodsGetter }

// Open is part of Opener.
func (s *server) Open(ctx context.Context, r Request) (io.ReadCloser, error) {
	// One byte more than is read shows that there was more.
	limit := int64(maxBytes + 1)
	options := &corev1.PodLogOptions{Container: r.Container, Previous: r.Previous, Timestamps: true, LimitBytes: &limit}
	if !r.Since.IsZero() {
		since := metav1.NewTime(r.Since.Truncate(time.Second))
		options.SinceTime = &since
	}
	log, err := s.pods.Pods(r.Namespace).GetLogs(r.Pod, options).Stream(ctx)
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
