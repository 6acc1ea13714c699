package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/undog-dev/undog/test/bench/page"
	"github.com/undog-dev/undog/test/cluster/daemon"
)

// sample is what undog took until a moment.
type sample struct {
	at time.Time
	// rss and peak are VmRSS and VmHWM in bytes, file the part of the former that
	// is mapped from the program's file.
	rss, peak, file float64
	// cpu is the time on a processor.
	cpu     time.Duration
	metrics map[string]float64
}

// take measures undog.
func take(ctx context.Context, d *daemon.Daemon) (sample, error) {
	s := sample{at: time.Now()}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.Pid()))
	if err != nil {
		return s, fmt.Errorf("read the memory of undog: %w", err)
	}
	if s.rss, err = kilobytes(string(status), "VmRSS"); err != nil {
		return s, err
	}
	if s.peak, err = kilobytes(string(status), "VmHWM"); err != nil {
		return s, err
	}
	if s.file, err = kilobytes(string(status), "RssFile"); err != nil {
		return s, err
	}
	if s.cpu, err = spent(d.Pid()); err != nil {
		return s, err
	}
	_, text, err := d.Get(ctx, "/metrics")
	if err != nil {
		return s, err
	}
	s.metrics = parseMetrics(text)
	return s, nil
}

func kilobytes(status, name string) (float64, error) {
	m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+) kB$`).FindStringSubmatch(status)
	if m == nil {
		return 0, fmt.Errorf("read the memory of undog: no %s", name)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	return n * 1024, err
}

// tick is the unit of times in /proc: Linux tells programs 1/100 s everywhere.
const tick = 10 * time.Millisecond

// spent is the time that a process spent on processors, in itself and in the
// kernel.
func spent(pid int) (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the time of undog: %w", err)
	}
	// The name of the program is in parentheses and may hold anything.
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("read the time of undog: %q", raw)
	}
	user, err := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, errors.Join(err, err2)
}

// parseMetrics reads the text format: names with labels as they stand.
func parseMetrics(text string) map[string]float64 {
	all := map[string]float64{}
	for line := range strings.Lines(text) {
		i := strings.LastIndexByte(line, ' ')
		if i < 0 || line[0] == '#' {
			continue
		}
		if v, err := strconv.ParseFloat(strings.TrimSpace(line[i+1:]), 64); err == nil {
			all[line[:i]] = v
		}
	}
	return all
}

// sum adds up the metrics whose names begin in a way.
func (s *sample) sum(prefix string) (n float64) {
	for name, v := range s.metrics {
		if strings.HasPrefix(name, prefix) {
			n += v
		}
	}
	return n
}

// histogram reads how times lie: the bound of the bucket that holds each share.
func (s *sample) histogram(name string) page.Spread {
	bounds := map[float64]float64{}
	for key, count := range s.metrics {
		rest, ok := strings.CutPrefix(key, name+`_bucket{le="`)
		if !ok {
			continue
		}
		if bound, err := strconv.ParseFloat(strings.TrimSuffix(rest, `"}`), 64); err == nil && !math.IsInf(bound, 0) {
			bounds[bound] = count
		}
	}
	total := s.metrics[name+"_count"]
	at := func(share float64) float64 {
		for _, bound := range slices.Sorted(maps.Keys(bounds)) {
			if bounds[bound] >= share*total {
				return bound
			}
		}
		return 0
	}
	return page.Spread{P50: at(0.5), P99: at(0.99), Max: at(1)}
}
