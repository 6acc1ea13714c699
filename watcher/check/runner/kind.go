package runner

import (
	"context"
	"errors"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/execute"
	"github.com/undog-dev/undog/watcher/check/play"
)

// kind plays one kind of check on pods that were chosen and read.
type kind interface {
	sample(ctx context.Context, d *policy.Decision, c cast) (check.Sample, error)
}

// kindOf makes a check ready.
func (r *Runner) kindOf(c *check.Check) (kind, error) {
	switch {
	case len(c.Steps) > 0:
		player, err := play.New(*c, r.o.Compile)
		if err != nil {
			return nil, err
		}
		return &web{runner: r, check: c, player: player}, nil
	case c.Exec != nil:
		if r.o.Commands == nil {
			return nil, errors.New("commands cannot be run here")
		}
		command, err := execute.New(*c, r.o.Commands)
		if err != nil {
			return nil, err
		}
		return &commanded{command}, nil
	}
	return nil, errors.New("it has no steps and no command")
}

// commanded runs a command.
type commanded struct{ check *execute.Check }

func (k *commanded) sample(ctx context.Context, _ *policy.Decision, c cast) (check.Sample, error) {
	return k.check.Sample(ctx, time.Now(), c.fresh(), c.Old), nil
}
