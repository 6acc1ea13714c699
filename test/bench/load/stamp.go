package load

import (
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/test/bench/wire"
)

// evidence notes that a report was told.
func (w *World) evidence(r *Rollout, report int, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Patched.IsZero() {
		r.Report, r.Evidence, r.Asked = report, at, time.Time{}
	}
}

func (w *World) patchedAlready(r *Rollout) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !r.Patched.IsZero()
}

// asked notes the requests about what has a bad release.
func (w *World) asked(req wire.Request) {
	now := time.Now()
	name := req.Name
	switch req.Resource {
	case "deployments":
	case "replicasets":
		name = cut(name, 1)
	case "pods", "pods/log":
		name = cut(name, 2)
	default:
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.bad[req.Namespace+"/"+name]
	if r == nil || !r.Patched.IsZero() {
		return
	}
	if !r.Evidence.IsZero() && r.Asked.IsZero() {
		r.Asked = now
	}
	if req.Verb == "patch" && req.Resource == "deployments" {
		r.Patched = now
	}
}

// cut takes the last parts of a name off.
func cut(name string, parts int) string {
	for range parts {
		if i := strings.LastIndexByte(name, '-'); i >= 0 {
			name = name[:i]
		}
	}
	return name
}

// patched has the controllers see to a Deployment that was changed.
func (w *World) patched(d *appsv1.Deployment) {
	if l := w.byName[d.Namespace+"/"+d.Name]; l != nil {
		select {
		case w.undone <- l:
		default: // There are never as many.
		}
	}
}
