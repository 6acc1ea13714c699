package meter

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	clientmetrics "k8s.io/client-go/tools/metrics"
)

// made is a metric that the process has once, whatever registries there are:
// client-go takes its metrics one time.
type made struct {
	Family
	prometheus.Collector
}

// clientGo gives client-go its metrics, the first time, and returns them.
var clientGo = sync.OnceValue(func() []made {
	var all []made
	all = append(all, requests()...)
	return append(all, queues()...)
})

// methods are those of HTTP that client-go uses.
var methods = map[string]bool{"GET": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true}

func method(verb string) string {
	if verb = strings.ToUpper(verb); methods[verb] {
		return verb
	}
	return Other
}

// requests makes the metrics of requests to the API server. Its host and the
// paths are left out: there is one of the one, and no end of the others.
func requests() []made {
	lasted := newLatencies("undog_client_request_duration_seconds",
		"Time of requests to the API server from sending to the head of the answer, by method. Watches are left out.", "method")
	limited := newLatencies("undog_client_rate_limiter_duration_seconds",
		"Time that requests to the API server waited for undog's own rate limiter, by method.", "method")
	out := []made{lasted.made(), limited.made()}
	counters := func(name, help string) *Counters {
		labels := []string{"code", "method"}
		c := newCounters(name, help, labels)
		out = append(out, made{Family{Name: name, Type: "counter", Help: help, Labels: labels}, c.vec})
		return c
	}
	results := counters("undog_client_requests_total",
		"Requests to the API server, by method and status code; <error> where no answer came.")
	retries := counters("undog_client_retries_total",
		"Requests to the API server that client-go sent again, by method and the status code before.")
	clientmetrics.Register(clientmetrics.RegisterOpts{
		RequestLatency: latency{lasted}, RateLimiterLatency: latency{limited}, RequestResult: result{results}, RequestRetry: retry{retries},
	})
	return out
}

type latency struct{ *latencies }

// Observe implements metrics.LatencyMetric.
func (l latency) Observe(_ context.Context, verb string, _ url.URL, took time.Duration) {
	l.of(method(verb)).Observe(took.Seconds())
}

type result struct{ *Counters }

// Increment implements metrics.ResultMetric.
func (r result) Increment(_ context.Context, code, verb, _ string) {
	r.WithLabelValues(code, method(verb)).Inc()
}

type retry struct{ *Counters }

// IncrementRetry implements metrics.RetryMetric.
func (r retry) IncrementRetry(_ context.Context, code, verb, _ string) {
	r.WithLabelValues(code, method(verb)).Inc()
}

// latencies are distributions of times with one label.
type latencies struct {
	family Family
	vec    *prometheus.HistogramVec
	bounds *bounds
}

func newLatencies(name, help, label string) *latencies {
	return &latencies{
		family: Family{Name: name, Type: "histogram", Help: help, Labels: []string{label}},
		vec:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: LatencyBuckets()}, []string{label}),
		bounds: newBounds(1),
	}
}

func (l *latencies) of(value string) prometheus.Observer {
	return l.vec.WithLabelValues(l.bounds.values([]string{value})...)
}

func (l *latencies) made() made { return made{l.family, l.vec} }
