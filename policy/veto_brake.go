package policy

import (
	"fmt"
	"time"
)

// brakeRecheck is how soon a hold by the brake is looked at again.
const brakeRecheck = 30 * time.Second

// brakeVeto holds while the fleet brake is on: releases of many workloads that
// have nothing to do with each other fail at once, or many that are not being
// released do. That is one incident, and undoing all of them would add to it.
// A rollout is held by the brake that it began with as well as by that of now.
func brakeVeto(c *Case, _ Finding) Veto {
	v := c.braked(c.engine.fleet.limit)
	if began := c.workload.rollout.began.brake; !v.Holds && began != c.engine.fleet.limit && began != (Brake{}) {
		if before := c.braked(began); before.Holds {
			return before
		}
	}
	return v
}

// braked is what a brake has to say.
func (c *Case) braked(by Brake) Veto {
	s := c.engine.fleet.sum(by, c.engine.Len(), c.At)
	v := Veto{Message: fmt.Sprintf("%d unrelated releases were found bad and %d other workloads began to fail within %s, not more than %d and %d",
		s.bad, s.troubled, by.Window, s.allowedBad, s.allowedTroubled)}
	if by.Rollouts >= 0 && s.over() {
		v.Holds, v.WakeAt = true, c.At.Add(brakeRecheck)
		v.Message = fmt.Sprintf("%d unrelated releases were found bad and %d other workloads began to fail within %s, more than the %d and %d that pass for coincidence",
			s.bad, s.troubled, by.Window, s.allowedBad, s.allowedTroubled)
	}
	return v
}
