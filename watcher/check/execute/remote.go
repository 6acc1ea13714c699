package execute

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/undog-dev/undog/watcher/api"
)

// Remote runs commands through the API server. It needs the right to create
// pods/exec, and to get it where the API server is older than 1.35.
type Remote struct {
	config *rest.Config
	client rest.Interface
}

// Over makes a Remote that asks the API server of the configuration.
func Over(config *rest.Config) (*Remote, error) {
	client, err := api.New(config)
	if err != nil {
		return nil, fmt.Errorf("make client for commands: %w", err)
	}
	return &Remote{config: config, client: client.Core()}, nil
}

// Run runs a command over a WebSocket and, where a server or proxy is too old for
// that, over SPDY, as kubectl does.
func (r *Remote) Run(ctx context.Context, c Command, out io.Writer) (int, error) {
	at := r.client.Post().Resource("pods").Namespace(c.Namespace).Name(c.Pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: c.Container, Command: c.Args, Stdout: true, Stderr: true}, api.ParameterCodec).URL()
	streams := remotecommand.StreamOptions{Stdout: out, Stderr: out}
	err := r.overWebSocket(ctx, at, streams)
	if httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err) {
		if second := r.overSPDY(ctx, at, streams); second == nil || ended(second) {
			err = second
		} else {
			err = errors.Join(refusal(err), second)
		}
	}
	var code exec.CodeExitError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &code):
		return code.Code, nil
	}
	return 0, classify(err)
}

func (r *Remote) overWebSocket(ctx context.Context, at *url.URL, streams remotecommand.StreamOptions) error {
	e, err := remotecommand.NewWebSocketExecutor(r.config, http.MethodGet, at.String())
	if err != nil {
		return err
	}
	return e.StreamWithContext(ctx, streams)
}

func (r *Remote) overSPDY(ctx context.Context, at *url.URL, streams remotecommand.StreamOptions) error {
	e, err := remotecommand.NewSPDYExecutor(r.config, http.MethodPost, at)
	if err != nil {
		return err
	}
	return e.StreamWithContext(ctx, streams)
}

// ended tells whether the error is only how a command exited.
func ended(err error) bool {
	var code exec.CodeExitError
	return errors.As(err, &code)
}

// refusal is what a server said that would not open a WebSocket.
func refusal(err error) error {
	if failure, ok := errors.AsType[*httpstream.UpgradeFailureError](err); ok {
		return failure.Cause
	}
	return err
}

// classify tells what the API server says about itself, or about undog, and
// connections that break, from what the node says about the container.
func classify(err error) error {
	var (
		status    *apierrors.StatusError
		network   net.Error
		operation *net.OpError
		closed    *websocket.CloseError
	)
	switch {
	case apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err):
		return fmt.Errorf("%w: %w", ErrForbidden, err)
	case errors.As(err, &status), errors.As(err, &network), errors.As(err, &operation), errors.As(err, &closed),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
