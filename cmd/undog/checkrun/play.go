package checkrun

import (
	"context"
	"fmt"
	"net"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/execute"
	"github.com/undog-dev/undog/watcher/check/logs"
	"github.com/undog-dev/undog/watcher/check/metric"
	"github.com/undog-dev/undog/watcher/check/play"
	"github.com/undog-dev/undog/watcher/check/trial"
)

// Way connects to a port of a pod.
type Way interface {
	Target(ctx context.Context, pod *corev1.Pod, port string) (play.Target, error)
}

// Personas says who plays.
type Personas interface {
	Get(ctx context.Context, name string) (play.Persona, error)
}

// Stage is what checks are played with.
type Stage struct {
	Way      Way
	Personas Personas
	Compile  check.Compiler
	Commands execute.Runner
	Logs     logs.Opener
	// Metrics may be nil if no check asks for one.
	Metrics metric.Asker
}

// Play plays a check once. It takes as long as the check may at most, and
// returns a Result also where nothing could be played, which says why.
func (s *Stage) Play(ctx context.Context, c *check.Check, chosen *Chosen) (Result, error) {
	r := Result{Check: c.Name, On: chosen.On, New: chosen.New.Side()}
	if chosen.Old != nil {
		old := chosen.Old.Side()
		r.Old = &old
	}
	if len(c.Steps) > 0 {
		err := s.requests(ctx, c, chosen, &r)
		return r, err
	}
	kind, err := s.kind(c, chosen)
	if err != nil {
		return Result{}, err
	}
	r.Sample = kind.Sample(ctx, time.Now(), chosen.New.once(), chosen.Old.once())
	return r, nil
}

// requests plays a script of requests.
func (s *Stage) requests(ctx context.Context, c *check.Check, chosen *Chosen, r *Result) error {
	player, err := play.New(*c, s.Compile)
	if err != nil {
		return fmt.Errorf("compile check %s: %w", c.Name, err)
	}
	who, err := s.Personas.Get(ctx, c.Persona)
	if err != nil {
		r.Sample = unplayed(c, check.ReasonPersona, err)
		return nil
	}
	ctx, cancel := context.WithCancel(ctx) // It closes every connection in the end.
	defer cancel()
	pods := trial.Pods{New: s.target(ctx, c, &chosen.New.Pods[0])}
	old := chosen.New.Pods[1:]
	if chosen.Old != nil {
		old = chosen.Old.Pods
	}
	for i := range old {
		pods.Old = append(pods.Old, s.target(ctx, c, &old[i]))
	}
	t := trial.Run(ctx, player, who, pods)
	r.Trial, r.Sample = &t, t.Sample()
	return nil
}

// target makes a pod one that can be played on. One without the port cannot be
// reached, as the daemon sees it.
func (s *Stage) target(ctx context.Context, c *check.Check, pod *corev1.Pod) play.Target {
	t, err := s.Way.Target(ctx, pod, c.Port)
	if err != nil {
		return play.Target{Pod: pod.Name, Host: pod.Name, Dial: func(context.Context) (net.Conn, error) { return nil, err }}
	}
	return t
}

// unplayed is the sample of a check that could not be played.
func unplayed(c *check.Check, reason check.Reason, err error) check.Sample {
	return check.Sample{Check: c.Name, At: time.Now(), Result: check.Result{
		Check: c.Name, Outcome: check.Inconclusive, Reason: reason, Message: err.Error(),
	}}
}
