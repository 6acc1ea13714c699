package meter

import (
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/util/workqueue"
)

// queues makes the metrics of client-go's work queues, by the names of the
// queues, which are undog's own.
func queues() []made {
	p := &provider{
		waited: newLatencies("undog_workqueue_queue_duration_seconds", "Time that items waited in a work queue, by queue.", "name"),
		worked: newLatencies("undog_workqueue_work_duration_seconds", "Time that items of a work queue took, by queue.", "name"),
	}
	out := []made{p.waited.made(), p.worked.made()}
	gauge := func(name, help string) *prometheus.GaugeVec {
		v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{"name"})
		out = append(out, made{Family{Name: name, Type: "gauge", Help: help, Labels: []string{"name"}}, v})
		return v
	}
	counter := func(name, help string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"name"})
		out = append(out, made{Family{Name: name, Type: "counter", Help: help, Labels: []string{"name"}}, v})
		return v
	}
	p.depth = gauge("undog_workqueue_depth", "Items in a work queue, by queue.")
	p.unfinished = gauge("undog_workqueue_unfinished_work_seconds", "Sum of the time that items under way have taken, by queue.")
	p.longest = gauge("undog_workqueue_longest_running_processor_seconds", "Time that the oldest item under way has taken, by queue.")
	p.adds = counter("undog_workqueue_adds_total", "Items that were put into a work queue, by queue.")
	p.retries = counter("undog_workqueue_retries_total", "Items that were put into a work queue again, by queue.")
	workqueue.SetProvider(p)
	return out
}

// provider gives each queue its metrics.
type provider struct {
	waited, worked             *latencies
	depth, unfinished, longest *prometheus.GaugeVec
	adds, retries              *prometheus.CounterVec
}

// NewDepthMetric implements workqueue.MetricsProvider.
func (p *provider) NewDepthMetric(name string) workqueue.GaugeMetric {
	return p.depth.WithLabelValues(name)
}

// NewAddsMetric implements workqueue.MetricsProvider.
func (p *provider) NewAddsMetric(name string) workqueue.CounterMetric {
	return p.adds.WithLabelValues(name)
}

// NewLatencyMetric implements workqueue.MetricsProvider.
func (p *provider) NewLatencyMetric(name string) workqueue.HistogramMetric { return p.waited.of(name) }

// NewWorkDurationMetric implements workqueue.MetricsProvider.
func (p *provider) NewWorkDurationMetric(name string) workqueue.HistogramMetric {
	return p.worked.of(name)
}

// NewUnfinishedWorkSecondsMetric implements workqueue.MetricsProvider.
func (p *provider) NewUnfinishedWorkSecondsMetric(name string) workqueue.SettableGaugeMetric {
	return p.unfinished.WithLabelValues(name)
}

// NewLongestRunningProcessorSecondsMetric implements workqueue.MetricsProvider.
func (p *provider) NewLongestRunningProcessorSecondsMetric(name string) workqueue.SettableGaugeMetric {
	return p.longest.WithLabelValues(name)
}

// NewRetriesMetric implements workqueue.MetricsProvider.
func (p *provider) NewRetriesMetric(name string) workqueue.CounterMetric {
	return p.retries.WithLabelValues(name)
}
