package kubeevents

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/policy"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

var resource = schema.GroupResource{Resource: "events"}

// keeper is an API server as far as Events go; what it answers next can be set.
type keeper struct {
	mu     sync.Mutex
	kept   map[string]corev1.Event
	tries  int
	answer []error
	hold   chan struct{} // Requests wait until it is closed, if it is there.
}

func (k *keeper) asked(ctx context.Context) error {
	if k.hold != nil {
		select {
		case <-k.hold:
		case <-ctx.Done():
			return fmt.Errorf("ask: %w", ctx.Err())
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tries++
	if len(k.answer) == 0 {
		return nil
	}
	err := k.answer[0]
	k.answer = k.answer[1:]
	return err
}

func (k *keeper) Create(ctx context.Context, e *corev1.Event) (*corev1.Event, error) {
	if err := k.asked(ctx); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.kept[e.Name]; there {
		return nil, apierrors.NewAlreadyExists(resource, e.Name)
	}
	made := *e
	made.UID = types.UID("uid of " + e.Name)
	k.kept[e.Name] = made
	return &made, nil
}

func (k *keeper) Patch(ctx context.Context, _, name string, patch []byte) error {
	if err := k.asked(ctx); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	e, there := k.kept[name]
	if !there {
		return apierrors.NewNotFound(resource, name)
	}
	uid := e.UID
	if err := json.Unmarshal(patch, &e); err != nil {
		return err
	}
	if e.UID != uid {
		return apierrors.NewConflict(resource, name, fmt.Errorf("uid is %s", uid))
	}
	k.kept[name] = e
	return nil
}

// all are the Events by reason.
func (k *keeper) all(t *testing.T) map[string]corev1.Event {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	out := map[string]corev1.Event{}
	for _, e := range k.kept {
		if _, twice := out[e.Reason]; twice {
			t.Errorf("there are two Events %s", e.Reason)
		}
		out[e.Reason] = e
	}
	return out
}

// start runs a recorder until the returned function has everything written.
func start(t *testing.T, k *keeper, queue int) (*Recorder, *bytes.Buffer, func()) {
	t.Helper()
	if k.kept == nil {
		k.kept = map[string]corev1.Event{}
	}
	var log bytes.Buffer
	r, err := New(Options{Sink: k, Instance: "undog-0", Queue: queue, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	running.Go(func() { r.Run(ctx) })
	end := func() {
		r.Finish()
		running.Wait()
	}
	t.Cleanup(func() {
		cancel()
		end()
	})
	return r, &log, end
}

// happened is a transition of the Deployment shop/web.
func happened(kind policy.TransitionKind, id string, at time.Duration) policy.Transition {
	return policy.Transition{
		ID: id, Kind: kind, At: noon.Add(at), Reason: "CrashLoop", Message: fmt.Sprintf("failed %s times", id),
		Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "uid-web"},
		Revision: policy.RevisionRef{UID: "uid-rs", Name: "web-66d9f7c5b8", Number: 2},
		Target:   policy.RevisionRef{UID: "uid-old", Name: "web-7776ccfb98", Number: 1},
	}
}
