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
func brakeVeto(c *Case, _ Finding) Veto {
	s := c.summary()
	v := Veto{Message: fmt.Sprintf("%d unrelated releases were found bad and %d other workloads began to fail within %s, not more than %d and %d",
		s.bad, s.troubled, c.engine.fleet.limit.Window, s.allowedBad, s.allowedTroubled)}
	if c.engine.fleet.limit.Rollouts >= 0 && s.over() {
		v.Holds, v.WakeAt = true, c.At.Add(brakeRecheck)
		v.Message = fmt.Sprintf("%d unrelated releases were found bad and %d other workloads began to fail within %s, more than the %d and %d that pass for coincidence",
			s.bad, s.troubled, c.engine.fleet.limit.Window, s.allowedBad, s.allowedTroubled)
	}
	return v
}

// summary is the fleet as it stands, this workload's conviction included.
func (c *Case) summary() summary { return c.engine.fleet.sum(c.engine.Len(), c.At) }
