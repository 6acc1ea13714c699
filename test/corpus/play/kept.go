package play

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/differ"
	checkplay "github.com/undog-dev/undog/watcher/check/play"
	"github.com/undog-dev/undog/watcher/check/trial"
)

// keepEvery is how old a baseline gets before a newer one replaces it.
const keepEvery = 5 * time.Minute

// keptKey names what one revision answered to one check.
type keptKey struct{ workload, check, revision string }

// kept is what is kept of it.
type kept struct {
	at    time.Time
	steps []*differ.Baseline
}

// try plays a check, and keeps what the revisions answered as undog's runner does.
func (c *checks) try(d policy.Decision, t *targets) trial.Trial {
	player, who := c.players[d.Check], c.persona(d.Check)
	pods := trial.Pods{New: t.all[0], Old: t.all[1:]}
	before, own := keptKey{d.Workload.UID, d.Check, d.To.Template}, keptKey{d.Workload.UID, d.Check, d.From.Template}
	if len(pods.Old) == 0 {
		pods.Kept = c.kept[c.base(d, before)].steps
	}
	out := trial.Run(context.Background(), player, who, pods)
	switch {
	case len(pods.Old) > 0 && c.due(before):
		c.keep(before, out.Keep())
	case len(pods.Old) == 0 && out.Result.Outcome == check.Passed && c.due(own) && c.undog.state.AtOnce(d.Workload.UID):
		// No pod of it will be there when the next revision comes.
		if again := player.Play(context.Background(), pods.New, who); again.Result.Outcome == check.Passed {
			c.keep(own, trial.Keep(&out.New, &again, differ.Options{Known: known(who)}))
		}
	}
	return out
}

// base is the key of the revision to compare with, if there is one.
func (c *checks) base(d policy.Decision, key keptKey) keptKey {
	if d.To.UID == "" {
		return keptKey{}
	}
	return key
}

func (c *checks) due(key keptKey) bool {
	k, known := c.kept[key]
	return !known || c.undog.player.now().Sub(k.at) >= keepEvery
}

func (c *checks) keep(key keptKey, steps []*differ.Baseline) {
	if slices.ContainsFunc(steps, func(b *differ.Baseline) bool { return b != nil }) {
		c.kept[key] = kept{c.undog.player.now(), steps}
	}
}

func known(p checkplay.Persona) []string {
	return slices.Concat(slices.Sorted(maps.Values(p.Values)), slices.Sorted(maps.Values(p.Secrets)))
}
