package metric

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/redact"
)

// Asker answers a query with its one number at a time. The error is *Problem.
type Asker interface {
	Ask(ctx context.Context, query string, at time.Time) (float64, error)
}

// Problem is why there is no number.
type Problem struct {
	Reason check.Reason
	// Text holds no secret and is bounded.
	Text string
	// RetryAfter is how long the server asked to be left alone.
	RetryAfter time.Duration
}

// Error is part of error.
func (p *Problem) Error() string { return p.Text }

const (
	// lookEvery is how long to wait between looks: servers scrape every 15 s or
	// more seldom.
	lookEvery = 15 * time.Second
	// maxTold is how many pods a sample names.
	maxTold    = 16
	maxMessage = 300
)

// Check is a check of the kind metric made ready. It remembers when it last
// looked, and may be used by several goroutines at once.
type Check struct {
	check  check.Check
	metric check.Metric
	asker  Asker
	looks  looks
}

// New makes a check ready. The error is check.Problems.
func New(c check.Check, a Asker) (*Check, error) {
	if err := check.Validate(&c, nil); err != nil {
		return nil, err
	}
	if c.Metric == nil || a == nil {
		return nil, fmt.Errorf("make check %s ready: it is about no metric, or there is no server to ask", c.Name)
	}
	return &Check{check: c, metric: *c.Metric, asker: a, looks: looks{last: map[pair]look{}}}, nil
}

// Sample asks about both revisions. fresh is the one that is judged; old is left
// out if it has no pods.
func (c *Check) Sample(ctx context.Context, at time.Time, w Workload, fresh, old Revision) check.Sample {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.check.Timeout, check.DefaultStepTimeout))
	defer cancel()
	var s check.Sample
	if c.metric.Query != "" {
		s = c.bounded(ctx, at, w, fresh, old)
	} else {
		s = c.counted(ctx, at, w, fresh, old)
	}
	s.Check, s.At = c.check.Name, at
	s.Result.Check, s.Result.At = c.check.Name, at
	s.RetryAfter = max(s.RetryAfter, lookEvery)
	if s.New > 0 {
		for _, p := range fresh.Pods[:min(len(fresh.Pods), maxTold)] {
			s.Pods = append(s.Pods, check.Pod{Name: p.Name, Node: p.Node, Failed: s.NewFailed > 0})
		}
	}
	return s
}

// question is one query about one revision, at one time, and its answer.
type question struct {
	query    string
	revision Revision
	pods     []string
	at       time.Time
	number   float64
	problem  *Problem
}

// ask puts all questions at once.
func (c *Check) ask(ctx context.Context, w Workload, questions ...*question) {
	var asking sync.WaitGroup
	for _, q := range questions {
		asking.Go(func() {
			query, err := fill(q.query, w, q.revision, q.pods)
			if err != nil {
				q.problem = &Problem{Reason: check.ReasonNoData, Text: redact.Line(err.Error(), maxMessage)}
				return
			}
			q.number, err = c.asker.Ask(ctx, query, q.at)
			if err != nil && !errors.As(err, &q.problem) {
				q.problem = &Problem{Reason: check.ReasonUnavailable, Text: redact.Line(err.Error(), maxMessage)}
			}
		})
	}
	asking.Wait()
}
