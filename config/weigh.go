package config

import (
	"errors"
	"fmt"

	"github.com/undog-dev/undog/policy"
)

// Counts is from when on a change of a key counts.
type Counts string

// A change counts at once, for rollouts that begin later and at once where it
// forbids more, or from the next start on.
const (
	AtOnce        Counts = "atOnce"
	LaterRollouts Counts = "laterRollouts"
	NextStart     Counts = "nextStart"
)

// counts has each key at the top of the file, for all that is below it, and those
// below that count from another time on.
var counts = map[string]Counts{
	"log.level": AtOnce,

	"mode":     LaterRollouts,
	"brake":    LaterRollouts,
	"policies": LaterRollouts,
	"checks":   LaterRollouts,
	// A check that asks as somebody else or elsewhere is another one.
	"personas":   LaterRollouts,
	"prometheus": LaterRollouts,

	"cluster":          NextStart,
	"kubeconfig":       NextStart,
	"watch":            NextStart,
	"nats":             NextStart,
	"http":             NextStart,
	"log":              NextStart,
	"leaderElection":   NextStart,
	"reach":            NextStart,
	"kubernetesEvents": NextStart,
	"evidence":         NextStart,
}

// counting says from when on a change of a key counts; now is its new value.
func counting(key string, now any) Counts {
	if key == "mode" && now == policy.Observe {
		return AtOnce // No mode forbids more.
	}
	for {
		if c, known := counts[key]; known {
			return c
		}
		above, _, found := cutLast(key)
		if !found {
			return NextStart
		}
		key = above
	}
}

// Why a running undog does not go by a configuration that can be read: it changes
// what counts from the next start on, or there is none.
var (
	ErrNextStart = errors.New("what undog reads only when it starts was changed")
	ErrEmpty     = errors.New("the file says nothing: somebody may be writing it; for the defaults write {}")
)

// Weigh is how undog decides, while it goes by one configuration, about what its
// file holds now: what differs, and why the file is not taken, if it is not. Then
// it is not taken at all. load makes a configuration of the content; next is what
// it made, nil where undog cannot go by it.
func Weigh(running *Config, content []byte, load func([]byte) (*Config, error)) (next *Config, d Diff, err error) {
	if root, problem := document("", content); root == nil && problem == nil {
		return nil, nil, ErrEmpty
	}
	if next, err = load(content); err != nil {
		return nil, nil, err
	}
	d = Changes(running, next)
	if late := d.Of(NextStart); len(late) > 0 {
		return nil, d, fmt.Errorf("%w: %s; start undog anew, or take that back", ErrNextStart, late)
	}
	return next, d, nil
}
