package check

import (
	"regexp"
	"slices"
	"strings"
)

// The values that a query may ask for, and those of them that tell one revision
// of a Deployment from another.
var (
	metricValues   = []string{"deployment", "hash", "namespace", "pods", "replicaset"}
	revisionValues = []string{"hash", "pods", "replicaset"}
	metricValue    = regexp.MustCompile(`^\s*\.([a-z]+)\s*$`)
)

func (v *validator) metric(m *Metric) {
	v.question(m)
	if m.Max != nil && m.Min != nil && *m.Min > *m.Max {
		v.add("metric.min", "%v is above the max %v, so no number would be well; exchange them", *m.Min, *m.Max)
	}
	v.query("metric.query", m.Query)
	v.query("metric.failures", m.Failures)
	v.query("metric.total", m.Total)
}

// question checks that a metric asks one thing.
func (v *validator) question(m *Metric) {
	bounded, counters := m.Max != nil || m.Min != nil, m.Failures != "" || m.Total != ""
	switch {
	case m.Query == "" && !counters:
		v.add("metric", "asks nothing; write a query with a max or a min, or failures and total")
	case m.Query != "" && counters:
		v.add("metric.query", "stands beside failures and total; keep one of them, or write two checks")
	case m.Query != "" && !bounded:
		v.add("metric.query", "has no bound; write the max or the min within which the number is well")
	case counters && (m.Failures == "" || m.Total == ""):
		v.add("metric", "needs both failures and total: how often something failed, and how often it was tried")
	case counters && bounded:
		v.add("metric", "has bounds, which are for a query; remove them: failures and total are compared with those of the old revision")
	}
}

// query checks the placeholders of a query. One that is the same for both
// revisions could tell nothing about either.
func (v *validator) query(path, query string) {
	const most = 4 * MaxExpression
	if query == "" {
		return
	}
	if len(query) > most {
		v.add(path, "is %d bytes long; at most %d are sent", len(query), most)
		return
	}
	known, narrow := strings.Join(metricValues, ", "), false
	for rest := query; ; {
		_, after, found := strings.Cut(rest, "{{")
		if !found {
			break
		}
		inner, next, closed := strings.Cut(after, "}}")
		if !closed {
			v.add(path, "{{ is not closed; write {{ .NAME }} with one of %s", known)
			return
		}
		m := metricValue.FindStringSubmatch(inner)
		if m == nil || !slices.Contains(metricValues, m[1]) {
			v.add(path, "%s is no placeholder of a query; write {{ .NAME }} with one of %s", quote("{{"+inner+"}}"), known)
			return
		}
		narrow = narrow || slices.Contains(revisionValues, m[1])
		rest = next
	}
	if !narrow {
		v.add(path, `is the same for the old revision and the new one; narrow it, as in {pod=~"{{ .pods }}"}, or with {{ .replicaset }} or {{ .hash }}`)
	}
}
