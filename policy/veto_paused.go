package policy

// pausedVeto holds while the workload is paused by somebody else: whoever
// paused it is looking at it. undog's own pause is not a reason to look away.
func pausedVeto(c *Case, _ Finding) Veto {
	o := c.Observation
	if o.Paused && o.PausedBy == "" {
		return Veto{Holds: true, Message: "the workload is paused by its owner"}
	}
	return Veto{Message: "its owner has not paused it"}
}
