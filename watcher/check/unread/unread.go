package unread

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/undog-dev/undog/watcher/check/redact"
)

// Why is the error in at most so many bytes, without what looks like a secret, and
// in words of its own where no connection could be made.
func Why(err error, most int) string {
	switch {
	case unreached(err):
		return "the node could not be reached"
	case disconnected(err):
		return "the connection to the API server failed"
	}
	return redact.Line(err.Error(), most)
}

// unreached tells whether the API server could not ask the node. It has no word
// of its own for that: it hands on the error of its own request.
func unreached(err error) bool {
	status, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok || status.Status().Code < http.StatusInternalServerError {
		return false
	}
	text := status.Status().Message
	return strings.HasPrefix(text, `Get "https://`) || strings.Contains(text, "error dialing backend") || strings.Contains(text, "No agent available")
}

// disconnected tells whether the way to the API server failed.
func disconnected(err error) bool {
	_, request := errors.AsType[*url.Error](err)
	_, connection := errors.AsType[net.Error](err)
	return request || connection
}
