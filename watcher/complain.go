package watcher

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/cache"
)

// complain logs a problem with an object once, and again when it changes.
func (f *feed) complain(obj any, problem string) {
	r, ok := obj.(record)
	if !ok {
		f.log.Error("object not understood", "reason", problem)
		return
	}
	f.mu.Lock()
	if problem == "" && len(f.problems) == 0 {
		f.mu.Unlock()
		return
	}
	key := text(r.id().namespace) + "/" + r.id().name.String()
	known := f.problems[key] == problem
	if problem == "" {
		delete(f.problems, key)
	} else {
		f.problems[key] = problem
	}
	f.mu.Unlock()
	if !known && problem != "" {
		f.log.Warn("object is partly ignored",
			"namespace", text(r.id().namespace), "name", r.id().name.String(), "reason", problem)
	}
}

// logErrorsEvery is the pause between two log lines about one resource's watch.
const logErrorsEvery = 30 * time.Second

func (f *feed) watchFailed(_ context.Context, _ *cache.Reflector, err error) {
	if f.without != "" && (apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) || apierrors.IsNotFound(err)) {
		f.watchDenied(err)
		return
	}
	now := time.Now()
	f.mu.Lock()
	f.errors++
	f.lastError = err
	quiet := !f.loggedAt.IsZero() && now.Sub(f.loggedAt) < logErrorsEvery
	muted := f.muted
	if quiet {
		f.muted++
	} else {
		f.loggedAt, f.muted = now, 0
	}
	f.mu.Unlock()
	if !quiet {
		f.log.Warn("watch failed, trying again", "reason", err.Error(), "muted", muted)
	}
}

// watchDenied says once that undog has to do without the resource. The right may
// still be given: the informer goes on trying.
func (f *feed) watchDenied(err error) {
	f.mu.Lock()
	f.errors++
	f.lastError = err
	first := !f.denied
	f.denied = true
	f.mu.Unlock()
	if first {
		f.log.Warn("not allowed to watch, going on without it: "+f.without, "reason", err.Error())
		f.answer()
	}
}
