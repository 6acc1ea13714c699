package app

import (
	"sync/atomic"
	"time"

	"github.com/undog-dev/undog/cmd/undog/meter"
)

// reloadCounts counts what became of changes of the configuration file.
type reloadCounts struct {
	results *meter.Counters
	// failed says that what the file holds is not in use; last is when undog began
	// to go by what it goes by, in Unix seconds.
	failed *atomic.Bool
	last   *atomic.Int64
	// overridden is how many keys of the file count for nothing.
	overridden *atomic.Int64
}

func newReloadCounts(m *metrics, now time.Time) reloadCounts {
	c := reloadCounts{
		results: m.registry.Counters("undog_config_reloads_total", "Changes of the configuration file, by what became of them.", "result"),
		failed:  new(atomic.Bool), last: new(atomic.Int64), overridden: new(atomic.Int64),
	}
	c.last.Store(now.Unix())
	m.gauge("undog_config_last_reload_successful", "1 if undog goes by what the configuration file holds, else 0.", func() float64 {
		if c.failed.Load() {
			return 0
		}
		return 1
	})
	m.gauge("undog_config_last_reload_success_timestamp_seconds", "When undog began to go by the configuration in use.",
		func() float64 { return float64(c.last.Load()) })
	m.gauge("undog_config_overridden_keys", "Keys of the configuration file that count for nothing, since a flag or a variable says otherwise.",
		func() float64 { return float64(c.overridden.Load()) })
	return c
}

func (c reloadCounts) applied(now time.Time) {
	c.failed.Store(false)
	c.last.Store(now.Unix())
	c.results.WithLabelValues("applied").Inc()
}

func (c reloadCounts) rejected() {
	c.failed.Store(true)
	c.results.WithLabelValues("rejected").Inc()
}
