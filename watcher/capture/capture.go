package capture

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/api"
)

// maxOpen is how many containers are read at the same time.
const maxOpen = 8

// Options is what a Reader needs.
type Options struct {
	// Pods reads pods and their logs.
	Pods api.PodsGetter
	// Seen lists the pods of the workload with this UID as they were last seen;
	// nil knows none.
	Seen func(workload string) []watcher.Pod
	// Lines is how many lines of each log are read; 0 reads none.
	Lines int
	// Without says why no logs are read in a namespace, "" where they are; nil is
	// nowhere.
	Without func(namespace string) string
	// Log receives the errors behind what is told, at level debug; nil discards them.
	Log *slog.Logger
}

// Stats counts what was read.
type Stats struct {
	// Open is how many containers are being read now.
	Open int
	// Read and Failed count logs; Busy those for which there was no room.
	Read, Failed, Busy uint64
}

// Reader reads what undos take away. It may be used by several goroutines at once.
type Reader struct {
	opts               Options
	room               chan struct{}
	read, failed, busy atomic.Uint64
}

// New makes a Reader.
func New(opts Options) *Reader {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Reader{opts: opts, room: make(chan struct{}, maxOpen)}
}

// Stats is what was read so far.
func (r *Reader) Stats() Stats {
	return Stats{Open: len(r.room), Read: r.read.Load(), Failed: r.failed.Load(), Busy: r.busy.Load()}
}

// Read is what the containers of the revision that is judged showed last. It
// returns when ctx ends, with what it has by then.
func (r *Reader) Read(ctx context.Context, d policy.Decision) []policy.Captured {
	places := r.places(d)
	found := make([]*policy.Captured, len(places))
	var reading sync.WaitGroup
	for i, p := range places {
		select {
		case r.room <- struct{}{}:
		default:
			r.busy.Add(1)
			found[i] = &policy.Captured{Pod: p.pod, Container: p.container(), Problem: "too many logs were being read at the time"}
			continue
		}
		reading.Go(func() {
			defer func() { <-r.room }()
			found[i] = r.look(ctx, d, p)
		})
	}
	reading.Wait()
	var out []policy.Captured
	for _, c := range found {
		if c != nil {
			out = append(out, *c)
		}
	}
	return out
}
