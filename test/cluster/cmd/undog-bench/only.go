package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/undog-dev/undog/test/bench/load"
	"github.com/undog-dev/undog/test/bench/page"
)

// imitation is the cluster where the API server is none of Kubernetes' own, nil
// where it is: there is more that can be had in it.
func (b *bench) imitation() *load.Client {
	if c, ok := b.load.(load.Client); ok {
		return &c
	}
	return nil
}

// largest measures what changes of the largest Deployment alone cost.
func (b *bench) largest(ctx context.Context) error {
	c := b.imitation()
	if c == nil || b.shape.Largest == 0 {
		return nil
	}
	say("the same in one Deployment of %d pods", b.shape.Largest)
	b.LargestPods = b.shape.Largest
	return b.only(ctx, "largest", func(ctx context.Context) error { return c.ChurnLargest(ctx, b.rate) }, &b.Largest)
}

// crashLoop measures what pods cost that crash over and over, and makes sure that
// nobody is found guilty of it: they have done so since long before undog came.
func (b *bench) crashLoop(ctx context.Context) error {
	c := b.imitation()
	if c == nil || b.shape.Crashing == 0 {
		return nil
	}
	say("the same in %d pods that crash over and over", b.shape.Crashing)
	b.CrashingPods = b.shape.Crashing
	crash := func(ctx context.Context) error { return c.CrashLoop(ctx, load.Events(b.rate)) }
	if err := b.only(ctx, "crashing", crash, &b.Crashing); err != nil {
		return err
	}
	after, err := take(ctx, b.undog)
	if err != nil {
		return err
	}
	if n := after.sum(`undog_transitions_total{kind="verdict.bad"`) + after.sum(`undog_rollbacks_total`); n > 0 {
		return fmt.Errorf("%.0f verdicts and undos came of pods that have been crashing since long", n)
	}
	return nil
}

// only measures what some events cost while there are no others.
func (b *bench) only(ctx context.Context, name string, begin func(context.Context) error, cost *page.Cost) error {
	err := begin(ctx)
	if err == nil {
		err = pause(ctx, warm)
	}
	profiled := make(chan error, 1)
	go func() { profiled <- b.cpu(ctx, name, b.steady/3) }()
	if err == nil {
		_, err = b.spend(ctx, b.steady/3, cost, new(map[string]float64))
	}
	return errors.Join(err, <-profiled, b.load.Churn(ctx, b.rate))
}
