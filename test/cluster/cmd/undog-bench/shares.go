package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// part is something that processor time is spent on, and the functions by which it
// is recognised: beginnings of their names.
type part struct {
	name      string
	functions []string
}

// collector is recognised wherever it is in a stack; the others by what is nearest
// to where the processor was.
var collector = part{"collecting garbage", []string{
	"runtime.gcBgMarkWorker", "runtime.gcAssist", "runtime.bgsweep", "runtime.bgscavenge", "runtime.gcStart", "runtime.gcMarkDone",
}}

var parts = []part{
	{"system calls", []string{"internal/runtime/syscall.", "syscall.", "internal/poll.", "runtime.futex", "runtime.epoll"}},
	{"TLS", []string{"crypto/", "vendor/golang.org/x/crypto"}},
	{"HTTP/2 and frames of the watch", []string{
		"golang.org/x/net/http2", "net/http", "k8s.io/apimachinery/pkg/runtime/serializer/streaming", "k8s.io/apimachinery/pkg/util/framer",
		"k8s.io/client-go/", "k8s.io/apimachinery/pkg/watch",
	}},
	{"decoding", []string{"github.com/undog-dev/undog/watcher/slim", "k8s.io/api/", "k8s.io/apimachinery/"}},
	{"reducing to records, and observations of them", []string{"github.com/undog-dev/undog/watcher"}},
	{"judging", []string{"github.com/undog-dev/undog/policy", "github.com/undog-dev/undog/cmd"}},
	{"events, NATS and metrics", []string{"github.com/nats-io/", "github.com/undog-dev/undog/notify", "github.com/prometheus/"}},
}

const rest = "the scheduler and the rest"

// shares tells what undog spends its processor time on, as shares of the whole.
func (b *bench) shares(ctx context.Context) (map[string]float64, error) {
	code, raw, err := b.undog.Get(ctx, fmt.Sprintf("/debug/pprof/profile?seconds=%d", int(profiled.Seconds())))
	if err != nil || code != http.StatusOK {
		return nil, fmt.Errorf("get a profile of undog: code %d: %w", code, err)
	}
	p, err := profile.Parse(bytes.NewReader([]byte(raw)))
	if err != nil {
		return nil, fmt.Errorf("read the profile of undog: %w", err)
	}
	spent, total := map[string]float64{}, 0.0
	for _, s := range p.Sample {
		n := float64(s.Value[len(s.Value)-1])
		spent[partOf(s)] += n
		total += n
	}
	for name := range spent {
		spent[name] /= max(total, 1)
	}
	return spent, nil
}

// partOf is the part that a sample belongs to.
func partOf(s *profile.Sample) string {
	var names []string
	for _, l := range s.Location {
		for _, line := range l.Line {
			names = append(names, line.Function.Name)
		}
	}
	if slices.ContainsFunc(names, collector.has) {
		return collector.name
	}
	for _, name := range names {
		for _, p := range parts {
			if p.has(name) {
				return p.name
			}
		}
	}
	return rest
}

func (p *part) has(function string) bool {
	for _, f := range p.functions {
		if strings.HasPrefix(function, f) {
			return true
		}
	}
	return false
}
