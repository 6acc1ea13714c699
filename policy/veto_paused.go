package policy

// pausedVeto holds while the workload is paused by somebody else: whoever
// paused it is looking at it. undog's own pause is not a reason to look away.
func pausedVeto(c *Case, _ Finding) Veto {
	o := c.Observation
	switch {
	case !o.Paused, o.PausedBy == decisionID(c.engine.settings.Cluster, o.Workload, c.Revision.UID, "undo"):
		return Veto{Message: "its owner has not paused it"}
	case o.PausedBy != "":
		// undog's mark outlived its pause, or was copied with a manifest.
		return Veto{Holds: true, Message: "the workload is paused, and the mark of undog on it is not of this revision"}
	}
	return Veto{Holds: true, Message: "the workload is paused by its owner"}
}
