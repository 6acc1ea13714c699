package logs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/watcher/check"
)

// Request says which log is read.
type Request struct {
	Namespace, Pod, Container string
	// Since is in whole seconds where it matters: earlier lines may come too.
	Since time.Time
	// Previous is that of the container before the last restart.
	Previous bool
}

// Opener opens a log whose lines begin with their time. It ends with what has
// been written so far, and when ctx does.
type Opener interface {
	Open(ctx context.Context, r Request) (io.ReadCloser, error)
}

// The errors of an Opener. Any other means that the log could not be had now.
var (
	// ErrForbidden is a right that undog lacks.
	ErrForbidden = errors.New("not allowed")
	// ErrNone is a log that is not there, or not any more.
	ErrNone = errors.New("there is no such log")
)

const (
	// maxFollowed is how many pods of a revision are looked at.
	maxFollowed = 10
	// maxBack is how far back a look goes.
	maxBack = 5 * time.Minute
	// lookEvery is how long to wait between looks.
	lookEvery = 5 * time.Second
	// maxOpen is how many logs are read at a time.
	maxOpen = 4
)

// Check is a check of the kind log made ready. It remembers how far it has read
// each pod, and may be used by several goroutines at once.
type Check struct {
	check  check.Check
	opener Opener
	// any matches every line that one of patterns does.
	any, ignore *regexp.Regexp
	patterns    []*regexp.Regexp
	memory      memory
}

// New makes a check ready. The error is check.Problems.
func New(c check.Check, o Opener) (*Check, error) {
	if err := check.Validate(&c, nil); err != nil {
		return nil, err
	}
	if c.Log == nil || o == nil {
		return nil, fmt.Errorf("make check %s ready: it is about no log, or there is nothing that opens one", c.Name)
	}
	out := &Check{check: c, opener: o, memory: memory{marks: map[string]mark{}}}
	for _, p := range c.Log.Patterns {
		out.patterns = append(out.patterns, regexp.MustCompile(p)) // It was validated.
	}
	out.any, out.ignore = together(c.Log.Patterns), together(c.Log.Ignore)
	return out, nil
}

// together matches what any of the patterns does; nil if there is none.
func together(patterns []string) *regexp.Regexp {
	if len(patterns) == 0 {
		return nil
	}
	return regexp.MustCompile("(?:" + strings.Join(patterns, ")|(?:") + ")")
}

// Sample looks at the pods. fresh are those of the revision that is judged. It
// returns when all logs have been read.
func (c *Check) Sample(ctx context.Context, at time.Time, fresh, old []*corev1.Pod) check.Sample {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.check.Timeout, check.DefaultTimeout))
	defer cancel()
	stretch := c.memory.stretch(at, fresh, old)
	fresh, old = c.memory.follow(fresh), c.memory.follow(old)
	pods := append(append([]*corev1.Pod(nil), fresh...), old...)
	results := make([]check.Result, len(pods))
	var reading sync.WaitGroup
	room := make(chan struct{}, maxOpen)
	for i, pod := range pods {
		reading.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			results[i] = c.look(ctx, at, c.memory.since(pod, stretch, at), pod)
			results[i].Check, results[i].Pod, results[i].At = c.check.Name, pod.Name, at
		})
	}
	reading.Wait()
	s := check.Tally(results[:len(fresh)], results[len(fresh):])
	s.Check, s.At, s.RetryAfter = c.check.Name, at, lookEvery
	// Where the old revision writes it as well, it is not what this one did wrong.
	s.Absolute = s.NewFailed > 0 && s.OldFailed == 0
	for i := range s.Pods {
		for _, p := range fresh {
			if p.Name == s.Pods[i].Name {
				s.Pods[i].Node = p.Spec.NodeName
			}
		}
	}
	return s
}
