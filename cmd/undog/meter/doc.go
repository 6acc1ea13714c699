// Package meter makes undog's metrics.
//
// It owns the registry, the rules that every metric keeps, and the adapters of
// client-go's own. The rules: a metric is documented where it is made, since
// docs/metrics.md is written from that; its labels are bounded, whatever values
// come in (a label's first hundred are kept, the rest become Other); and no label
// holds a workload's, a namespace's or a pod's name, or the path of a URL.
//
// The package knows nothing of what is measured.
package meter
