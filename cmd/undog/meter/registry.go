package meter

import (
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Family is a metric as it is documented.
type Family struct {
	Name string
	// Type is counter, gauge or histogram.
	Type   string
	Help   string
	Labels []string
}

// Registry makes metrics and remembers what they are.
type Registry struct {
	*prometheus.Registry

	mu       sync.Mutex
	families []Family
}

// New returns a Registry that has what Go and the operating system say of the
// process, and what client-go counts.
func New() *Registry {
	r := &Registry{Registry: prometheus.NewRegistry()}
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, c := range clientGo() {
		r.add(c.Family, c.Collector)
	}
	return r
}

// Families lists the metrics that were made here, by name; those of Go and of
// the process are not among them.
func (r *Registry) Families() []Family {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := slices.Clone(r.families)
	slices.SortFunc(out, func(a, b Family) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (r *Registry) add(f Family, c prometheus.Collector) {
	r.MustRegister(c)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.families = append(r.families, f)
}

// Gauge makes a number that is set.
func (r *Registry) Gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	r.add(Family{Name: name, Type: "gauge", Help: help}, g)
	return g
}

// GaugeFunc makes a number that is read when it is asked for.
func (r *Registry) GaugeFunc(name, help string, read func() float64) {
	r.add(Family{Name: name, Type: "gauge", Help: help}, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// CounterFunc makes a growing number that is read when it is asked for.
func (r *Registry) CounterFunc(name, help string, read func() float64) {
	r.add(Family{Name: name, Type: "counter", Help: help}, prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
}

// Histogram makes a distribution.
func (r *Registry) Histogram(name, help string, buckets []float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
	r.add(Family{Name: name, Type: "histogram", Help: help}, h)
	return h
}

// Info makes a gauge that is always 1, with the value of one label.
func (r *Registry) Info(name, help, label, value string) {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{label: value}})
	g.Set(1)
	r.add(Family{Name: name, Type: "gauge", Help: help, Labels: []string{label}}, g)
}

// Counters makes growing numbers, one for each set of values of the labels.
func (r *Registry) Counters(name, help string, labels ...string) *Counters {
	c := newCounters(name, help, labels)
	r.add(Family{Name: name, Type: "counter", Help: help, Labels: labels}, c.vec)
	return c
}

// LatencyBuckets are in seconds; they tell a millisecond from two, and minutes apart.
func LatencyBuckets() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}
}
