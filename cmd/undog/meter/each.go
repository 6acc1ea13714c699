package meter

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Each makes gauges that are read together when they are asked for, one for each
// value of a label. The values must be known at the start, or nearly so.
func (r *Registry) Each(name, help, label string, read func() map[string]float64) {
	r.each(Family{Name: name, Type: "gauge", Help: help, Labels: []string{label}}, prometheus.GaugeValue, read)
}

// EachCounter is Each for numbers that only grow.
func (r *Registry) EachCounter(name, help, label string, read func() map[string]float64) {
	r.each(Family{Name: name, Type: "counter", Help: help, Labels: []string{label}}, prometheus.CounterValue, read)
}

func (r *Registry) each(f Family, kind prometheus.ValueType, read func() map[string]float64) {
	r.add(f, &each{desc: prometheus.NewDesc(f.Name, f.Help, f.Labels, nil), kind: kind, read: read, bounds: newBounds(1)})
}

// each collects what one function reads.
type each struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	read   func() map[string]float64
	bounds *bounds
}

// Describe implements prometheus.Collector.
func (e *each) Describe(out chan<- *prometheus.Desc) { out <- e.desc }

// Collect implements prometheus.Collector.
func (e *each) Collect(out chan<- prometheus.Metric) {
	got := e.read()
	sums := make(map[string]float64, len(got))
	for _, value := range slices.Sorted(maps.Keys(got)) {
		sums[e.bounds.values([]string{value})[0]] += got[value]
	}
	for value, n := range sums {
		out <- prometheus.MustNewConstMetric(e.desc, e.kind, n, value)
	}
}
