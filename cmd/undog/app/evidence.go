package app

import (
	"context"
	"errors"
	"log/slog"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/capture"
)

// openEvidence makes what reads, before an undo, what it takes away. Logs need a
// right of their own; undog does without where it lacks that.
func openEvidence(ctx context.Context, c *cluster, cfg *config.Config, watching *watcher.Watcher, log *slog.Logger) *capture.Reader {
	opts := capture.Options{Pods: c.client, Seen: watching.Pods, Log: log}
	if cfg.Evidence.Logs {
		opts.Lines = cfg.Evidence.Lines
		opts.Without = without(unreadable(ctx, c, cfg.Watch.Namespaces, log))
	}
	return capture.New(opts)
}

// unreadable are the namespaces whose logs undog may not read; "" is all of them.
func unreadable(ctx context.Context, c *cluster, namespaces []string, log *slog.Logger) map[string]bool {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	out := map[string]bool{}
	for _, ns := range namespaces {
		err := allowed(ctx, c.client, ns, right{
			verb: "get", resource: "pods/log", what: "to keep the last lines of what failed (or set evidence.logs: false)",
		})
		switch {
		case errors.Is(err, errDenied):
			log.Warn("events tell no lines of logs; they tell the statuses of containers all the same", "err", err)
			out[ns] = true
		case err != nil:
			// It is no reason not to try.
			log.Warn("cannot tell whether logs may be read", "err", err)
			return out
		}
	}
	return out
}

// without says why logs are not read.
func without(denied map[string]bool) func(namespace string) string {
	return func(namespace string) string {
		if denied[metav1.NamespaceAll] || denied[namespace] {
			return "undog may not read logs: it lacks the right to get pods/log"
		}
		return ""
	}
}

// observeEvidence registers what the reader does.
func observeEvidence(m *metrics, r *capture.Reader) {
	m.gauge("undog_capture_open", "Containers of bad revisions that are being read.", func() float64 { return float64(r.Stats().Open) })
	m.counter("undog_capture_logs_read_total", "Logs of bad revisions that were read.", func() float64 { return float64(r.Stats().Read) })
	m.counter("undog_capture_logs_failed_total", "Logs of bad revisions that could not be read, or not in time.",
		func() float64 { return float64(r.Stats().Failed) })
	m.counter("undog_capture_busy_total", "Containers of bad revisions that were left out because too many were being read.",
		func() float64 { return float64(r.Stats().Busy) })
}
