package meter

import (
	"regexp"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// Other stands for the values of a label that come too late or are no words.
	Other = "Other"
	// maxValues is how many values one label of one metric may have, Other apart.
	// It is more than undog has reasons, and what foreigners write is a reason too.
	maxValues = 100
)

// word is what a value of a label looks like: a reason, the name of a check.
var word = regexp.MustCompile(`^[A-Za-z0-9<][A-Za-z0-9_.>-]{0,62}$`)

// bounds keeps the values of a metric's labels within bounds.
type bounds struct {
	mu   sync.Mutex
	seen []map[string]struct{}
}

func newBounds(labels int) *bounds {
	b := &bounds{seen: make([]map[string]struct{}, labels)}
	for i := range b.seen {
		b.seen[i] = map[string]struct{}{}
	}
	return b
}

// values are those given, or Other in place of those that are one too many. An
// empty one stays: it says that there is none.
func (b *bounds) values(given []string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]string, len(given))
	for i, v := range given {
		out[i] = v
		if _, known := b.seen[i][v]; known || v == "" {
			continue
		}
		if len(b.seen[i]) >= maxValues || !word.MatchString(v) {
			out[i] = Other
			continue
		}
		b.seen[i][v] = struct{}{}
	}
	return out
}

// Counters are growing numbers with labels.
type Counters struct {
	vec    *prometheus.CounterVec
	bounds *bounds
}

func newCounters(name, help string, labels []string) *Counters {
	return &Counters{
		vec:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels),
		bounds: newBounds(len(labels)),
	}
}

// WithLabelValues is the number for the values, in the order of the labels.
func (c *Counters) WithLabelValues(values ...string) prometheus.Counter {
	return c.vec.WithLabelValues(c.bounds.values(values)...)
}
