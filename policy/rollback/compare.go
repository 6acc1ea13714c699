package rollback

import (
	"context"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/template"
)

// Compare answers a Compare decision. It writes nothing.
func (e *Executor) Compare(ctx context.Context, d policy.Decision) policy.Comparison {
	ctx, cancel := context.WithTimeout(ctx, e.opts.Timeout)
	defer cancel()
	out := policy.Comparison{Workload: d.Workload, From: d.From.UID, To: d.To.UID}
	changes, err := e.compare(ctx, d)
	if err != nil {
		out.Err = printable(err.Error())
	}
	out.Changes = changes
	out.At = e.opts.Now()
	return out
}

func (e *Executor) compare(ctx context.Context, d policy.Decision) ([]policy.Change, error) {
	from, err := e.templateOf(ctx, d.Workload, d.From)
	if err != nil {
		return nil, err
	}
	to, err := e.templateOf(ctx, d.Workload, d.To)
	if err != nil {
		return nil, err
	}
	a, err := typed(from)
	if err != nil {
		return nil, err
	}
	b, err := typed(to)
	if err != nil {
		return nil, err
	}
	return template.Diff(a, b), nil
}
