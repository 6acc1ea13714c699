package corpus

import (
	"slices"

	"github.com/undog-dev/undog/test/corpus/scenario"
)

// company is what a scenario can share with others.
type company int

const (
	// anyone: it shares a control plane and an undog.
	anyone company = iota
	// ownUndog: what happens reaches all that its undog watches.
	ownUndog
	// ownHost: what happens reaches all pods of the control plane.
	ownHost
)

// companyOf tells what a scenario can share.
func companyOf(s *scenario.Scenario) company {
	out := anyone
	if s.UndogAt != nil || len(s.Workloads) > 1 {
		out = ownUndog
	}
	if len(s.Nodes) > 0 {
		out = ownHost
	}
	for i := range s.Events {
		out = max(out, companyOfStep(&s.Events[i]))
	}
	for i := range s.Workloads {
		for name, r := range s.Workloads[i].Revisions {
			// What fails without being released may be what others suffer from.
			settled := name == "v1" && !s.Workloads[i].First
			for _, p := range r.Plays {
				out = max(out, companyOfPlay(&p, settled))
			}
		}
	}
	return out
}

func companyOfStep(e *scenario.Step) company {
	switch {
	case e.Node != nil:
		return ownHost
	case e.Watch != nil || e.Undog != "" || e.Forget:
		return ownUndog
	case slices.ContainsFunc(e.Plays, func(p scenario.TimedPlay) bool { return p.Revision == "" }):
		return ownUndog
	}
	return anyone
}

func companyOfPlay(p *scenario.Play, settled bool) company {
	switch {
	case p.Node != "":
		// How pods are spread over nodes is for all pods together.
		return ownHost
	case settled && len(p.Play.Exits) > 0:
		return ownUndog
	}
	return anyone
}
