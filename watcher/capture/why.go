package capture

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check/redact"
	"github.com/undog-dev/undog/watcher/check/unread"
)

// maxProblem is the longest error that is told, in bytes.
const maxProblem = 160

// maxLogged is the longest error in undog's own log, in bytes.
const maxLogged = 1 << 10

// why is the reason for people; the error itself is for undog's own log.
func (r *Reader) why(ctx context.Context, namespace string, c *policy.Captured, err error) string {
	said := reason(ctx, err)
	r.opts.Log.Debug("could not read what a revision left", "namespace", namespace, "pod", c.Pod, "container", c.Container,
		"reason", said, "err", redact.Line(err.Error(), maxLogged))
	return said
}

// reason says why something could not be read: in one sentence, and without the
// addresses of the cluster's insides, which tell a reader of events nothing.
func reason(ctx context.Context, err error) string {
	switch {
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return "undog is not allowed to (get pods, get pods/log)"
	case ctx.Err() != nil:
		return "there was no answer in time, and the undo did not wait for it"
	}
	return unread.Why(err, maxProblem)
}
