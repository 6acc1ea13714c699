package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

// standing is where Deployments are looked up whose releases leave no old pods
// beside new ones.
type standing interface {
	AllAtOnce(match func(namespace string, labels policy.Labels) bool) []string
	Observe(at time.Time, uid string) (*policy.Observation, bool)
}

// baselines keeps what revisions answer to checks.
type baselines interface {
	Lacks(w policy.Workload, rev policy.RevisionRef, check string) bool
	Keep(ctx context.Context, w policy.Workload, rev policy.RevisionRef, check string) (patience time.Duration, err error)
}

// keeper has what settled revisions answer to checks kept, where a release
// leaves none of their pods to compare with. The engine asks for plays only while
// a revision is judged, so that without this nothing would be kept of what was
// there before undog came. One check is played at a time, in the whole fleet.
type keeper struct {
	// checks are those of now.
	checks func() []policy.Check
	seen   standing
	plays  baselines
	// healthy tells whether a revision is the current one of its workload, and
	// judged to be good.
	healthy func(ctx context.Context, o *policy.Observation, rev policy.RevisionRef) bool
	// active tells whether this undog is the one that acts; told is called with
	// how each try ended.
	active func() bool
	told   func(error)
	log    *slog.Logger

	// turns has one for each workload and check that was tried.
	turns map[keepKey]*keepTurn
}

type keepKey struct{ workload, check string }

// keepTurn is when to try again, and how often in a row it gave nothing. It is
// for one template.
type keepTurn struct {
	template string
	next     time.Time
	failed   int
}

const (
	// settledFor is how long all pods have been ready of what is settled.
	settledFor = 30 * time.Second
	// keepPace is the wait after each try, and keepRound that after all.
	keepPace  = 3 * time.Second
	keepRound = 10 * time.Second
	// keptFor is how long one is not asked again that answered, whatever
	// became of the answer.
	keptFor = 23 * time.Hour
	// keepRetry is the wait after a try that gave nothing; it doubles, up to
	// longestKeepRetry.
	keepRetry, longestKeepRetry = time.Minute, 6 * time.Hour
)

// run goes round until ctx ends.
func (k *keeper) run(ctx context.Context) {
	k.turns = map[keepKey]*keepTurn{}
	for pause(ctx, keepRound) {
		if k.active() {
			k.round(ctx)
		}
	}
}

// round tries what is due.
func (k *keeper) round(ctx context.Context) {
	list := k.checks()
	found := k.seen.AllAtOnce(func(namespace string, labels policy.Labels) bool {
		return slices.ContainsFunc(list, func(c policy.Check) bool { return matches(&c, namespace, labels) })
	})
	there := make(map[string]bool, len(found))
	for _, uid := range found {
		there[uid] = true
		if !k.workload(ctx, uid, list) {
			return
		}
	}
	for key := range k.turns {
		if !there[key.workload] {
			delete(k.turns, key)
		}
	}
}

// workload tries what is due of one; false once ctx has ended.
func (k *keeper) workload(ctx context.Context, uid string, list []policy.Check) bool {
	o, ok := k.seen.Observe(time.Now(), uid)
	if !ok {
		return true
	}
	rev, ok := settledOn(o)
	if !ok {
		return true
	}
	for i := range list {
		c := &list[i]
		if !matches(c, o.Workload.Namespace, o.Labels) || !k.due(uid, c.Name, rev) || !k.plays.Lacks(o.Workload, rev, c.Name) {
			continue
		}
		if !k.healthy(ctx, o, rev) {
			break
		}
		k.keep(ctx, o.Workload, rev, c.Name)
		if !pause(ctx, keepPace) {
			return false
		}
	}
	return ctx.Err() == nil
}

// due tells whether a revision may be asked. A new template begins afresh.
func (k *keeper) due(uid, check string, rev policy.RevisionRef) bool {
	t := k.turns[keepKey{uid, check}]
	return t == nil || t.template != rev.Template || !time.Now().Before(t.next)
}

// keep tries once and says when to try again.
func (k *keeper) keep(ctx context.Context, w policy.Workload, rev policy.RevisionRef, check string) {
	key := keepKey{w.UID, check}
	t := k.turns[key]
	if t == nil || t.template != rev.Template {
		t = &keepTurn{template: rev.Template}
		k.turns[key] = t
	}
	patience, err := k.plays.Keep(ctx, w, rev, check)
	if ctx.Err() != nil {
		return
	}
	k.told(err)
	if err == nil {
		t.failed, t.next = 0, time.Now().Add(keptFor)
		return
	}
	wait := min(keepRetry<<min(t.failed, 20), longestKeepRetry)
	t.failed++
	t.next = time.Now().Add(max(wait, patience))
	k.log.Info("what a settled revision answers to a check could not be kept to compare the next one with", "namespace", w.Namespace,
		"deployment", w.Name, "revision", rev.Number, "check", check, "err", err, "again", t.next.UTC().Format(time.RFC3339))
}

// settledOn is the revision that a workload consists of, and that nobody is
// replacing: all pods are its own and have been ready for a while.
func settledOn(o *policy.Observation) (policy.RevisionRef, bool) {
	var current *policy.Revision
	for i := range o.Revisions {
		r := &o.Revisions[i]
		if r.Template == o.Template && current == nil {
			current = r
		} else if r.Pods+r.Lost+r.Disrupted > 0 {
			return policy.RevisionRef{}, false
		}
	}
	if current == nil || o.Deleting || o.ObservedGeneration < o.Generation || o.Mode == string(policy.Off) ||
		current.Ready == 0 || current.Ready != o.Replicas || current.Pods != o.Replicas || current.Lost+current.Disrupted > 0 ||
		current.AllReadySince.IsZero() || o.At.Sub(current.AllReadySince) < settledFor {
		return policy.RevisionRef{}, false
	}
	return current.RevisionRef, true
}

func matches(c *policy.Check, namespace string, labels policy.Labels) bool {
	return c.Match == nil || c.Match(namespace, labels)
}

// pause waits; false once ctx has ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
