package runner

import (
	"context"
	"errors"
	"net"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/differ"
	"github.com/undog-dev/undog/watcher/check/play"
	"github.com/undog-dev/undog/watcher/check/trial"
)

// web plays HTTP requests.
type web struct {
	runner *Runner
	check  *check.Check
	player *play.Player
}

// sample plays again, on other pods, where one of them was sent away during the
// play: a rollout does that to an old pod at the very moment a new one is ready.
func (w *web) sample(ctx context.Context, d *policy.Decision, now, old []watched) (check.Sample, error) {
	for range maxCasts {
		s, c, err := w.sampled(ctx, d, now, old)
		if err != nil || s.New+s.Old-s.NewFailed-s.OldFailed == len(c.all()) || !w.runner.left(ctx, d, c) {
			return s, err
		}
	}
	return check.Sample{}, &unable{check.ReasonNoPod, errors.New("pods were sent away during each play")}
}

// sampled plays once.
func (w *web) sampled(ctx context.Context, d *policy.Decision, now, old []watched) (check.Sample, cast, error) {
	c, err := w.runner.cast(ctx, d, now, old)
	if err != nil {
		return check.Sample{}, c, err
	}
	defer w.runner.roster.free(c.choice)
	ctx, cancel := context.WithCancel(ctx) // It closes every connection in the end.
	defer cancel()
	who, err := w.runner.o.Personas.Get(ctx, w.check.Persona)
	if err != nil {
		return check.Sample{}, c, &unable{check.ReasonPersona, err}
	}
	pods := trial.Pods{New: w.target(ctx, c.New)}
	for _, old := range c.Old {
		pods.Old = append(pods.Old, w.target(ctx, old))
	}
	if len(pods.Old) == 1 {
		pods.Old = append(pods.Old, pods.Old[0])
	}
	return w.try(ctx, d, pods, who), c, nil
}

// try plays, and keeps what the old revision said, or for want of one what
// this one does.
func (w *web) try(ctx context.Context, d *policy.Decision, pods trial.Pods, who play.Persona) check.Sample {
	store := w.runner.baselines
	before := w.runner.keyOf(d.Workload, d.Check, d.To)
	if len(pods.Old) == 0 && d.To.UID != "" {
		pods.Kept = store.get(before)
	}
	t := trial.Run(ctx, w.player, who, pods)
	if len(pods.Old) > 0 && store.older(before, keepEvery) {
		store.put(before, t.Keep())
	}
	if len(pods.Old) == 0 {
		w.keepOwn(ctx, d, &t, pods.New, who)
	}
	return t.Sample()
}

// target makes a pod one that can be played on. One that has no such port cannot
// be reached, as if it did not listen there: what that means, the other pods show.
func (w *web) target(ctx context.Context, pod *corev1.Pod) play.Target {
	t, err := w.runner.o.Reach.Target(ctx, pod, w.check.Port)
	if err != nil {
		return play.Target{Pod: pod.Name, Host: pod.Name, Dial: func(context.Context) (net.Conn, error) { return nil, err }}
	}
	return t
}

// keepOwn keeps what the revision itself says, where no pod of it will be there
// any more when the next one comes: for that it is asked a second time.
func (w *web) keepOwn(ctx context.Context, d *policy.Decision, t *trial.Trial, pod play.Target, who play.Persona) {
	own := w.runner.keyOf(d.Workload, d.Check, d.From)
	if t.Result.Outcome != check.Passed || !w.runner.baselines.older(own, keepEvery) || !w.runner.o.AtOnce(d.Workload.UID) {
		return
	}
	if again := w.player.Play(ctx, pod, who); again.Result.Outcome == check.Passed {
		w.runner.baselines.put(own, trial.Keep(&t.New, &again, differ.Options{Known: who.Known()}))
	}
}

// template tells revisions apart, also if one of them is made again.
func template(r policy.RevisionRef) string {
	if r.Template != "" {
		return r.Template
	}
	return r.UID
}
