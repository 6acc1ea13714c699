package app

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/notify/kubeevents"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/api"
)

// kubeEvents tells of transitions as Events of the Deployment. The nil one tells
// nothing.
type kubeEvents struct {
	recorder *kubeevents.Recorder
	ended    sync.WaitGroup
	stop     context.CancelFunc
}

// openKubeEvents begins to tell, if that is wanted and allowed. undog does without
// where it cannot.
func openKubeEvents(ctx context.Context, c *cluster, cfg *config.Config, log *slog.Logger) *kubeEvents {
	log = log.With("component", "kubeevents")
	if !cfg.KubernetesEvents || !mayTell(ctx, c, cfg.Watch.Namespaces, log) {
		return nil
	}
	own := rest.CopyConfig(c.rest)
	// Its own limits: they must not use up what a rollback may ask for.
	own.QPS, own.Burst = 10, 50
	client, err := api.New(own)
	if err != nil {
		log.Warn("Deployments get no Events: there is no client for them", "err", err)
		return nil
	}
	host, _ := os.Hostname()
	recorder, err := kubeevents.New(kubeevents.Options{
		Sink: kubeevents.Server(client), Instance: cmp.Or(os.Getenv("POD_NAME"), host), Log: log,
	})
	if err != nil {
		log.Warn("Deployments get no Events", "err", err)
		return nil
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	k := &kubeEvents{recorder: recorder, stop: stop}
	k.ended.Go(func() { recorder.Run(running) })
	return k
}

// mayTell asks for the rights, and says once what is missing.
func mayTell(ctx context.Context, c *cluster, namespaces []string, log *slog.Logger) bool {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	for _, ns := range namespaces {
		for _, verb := range []string{"create", "patch"} {
			err := allowed(ctx, c.client, ns, right{
				verb: verb, resource: "events",
				what: "to tell what happens in kubectl describe (or set kubernetesEvents: false)",
			})
			switch {
			case errors.Is(err, errDenied):
				log.Warn("Deployments get no Events; the stream tells all the same", "err", err)
				return false
			case err != nil:
				// It is no reason not to try.
				log.Warn("cannot tell whether Deployments may get Events", "err", err)
				return true
			}
		}
	}
	return true
}

// add must not block.
func (k *kubeEvents) add(all ...policy.Transition) {
	if k != nil {
		k.recorder.Add(all...)
	}
}

// kubeEventsGrace is how long the last Events may take when undog stops. They are
// a convenience, and the stream is not to wait for them.
const kubeEventsGrace = 2 * time.Second

// drain writes what waits, and ends.
func (k *kubeEvents) drain(ctx context.Context) {
	if k == nil {
		return
	}
	defer k.stop()
	k.recorder.Finish()
	ctx, cancel := context.WithTimeout(ctx, kubeEventsGrace)
	defer cancel()
	defer context.AfterFunc(ctx, k.stop)()
	k.ended.Wait()
}

// observe registers the numbers of the recorder.
func (k *kubeEvents) observe(m *metrics) {
	if k == nil {
		return
	}
	stats := k.recorder.Stats
	m.gauge("undog_kubernetes_events_waiting", "Events of Deployments that wait to be written.", func() float64 { return float64(stats().Depth) })
	for name, c := range map[string]struct {
		help string
		read func() uint64
	}{
		"written": {"Events of Deployments that were made.", func() uint64 { return stats().Written }},
		"series":  {"Writes of a count into an Event that told the same before.", func() uint64 { return stats().Repeated }},
		"dropped": {"Events dropped because too many waited.", func() uint64 { return stats().Dropped }},
		"limited": {"Events left out because there were too many of one Deployment.", func() uint64 { return stats().Limited }},
		"failed":  {"Events that the API server did not take.", func() uint64 { return stats().Failed }},
	} {
		m.counter("undog_kubernetes_events_"+name+"_total", c.help, func() float64 { return float64(c.read()) })
	}
}

// both hands transitions to one and then to the other.
func both(first, second func(...policy.Transition)) func(...policy.Transition) {
	return func(all ...policy.Transition) {
		first(all...)
		second(all...)
	}
}
