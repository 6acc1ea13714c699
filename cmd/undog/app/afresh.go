package app

import (
	"context"
	"fmt"

	"github.com/undog-dev/undog/cmd/undog/explain"
	"github.com/undog-dev/undog/cmd/undog/snapshot"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/api"
)

// Afresh judges a Deployment as an undog with this configuration would that
// starts now, and carries nothing out.
func Afresh(ctx context.Context, client api.Interface, cfg *config.Config, namespace, name string) (*explain.Answer, error) {
	compiled, err := settings(cfg)
	if err != nil {
		return nil, err
	}
	own := ownNamespace()
	selected, err := watched(cfg, own)
	if err != nil {
		return nil, err
	}
	s, err := snapshot.Read(ctx, client, namespace, name, snapshot.Options{Pods: true, Causes: true})
	if err != nil {
		return nil, err
	}
	o := s.Observation
	engine := policy.New(compiled)
	decisions := engine.Step(o).Decisions
	for _, d := range decisions {
		if d.Kind == policy.Compare {
			decisions = append(decisions, engine.Step(s.Compare(d)).Decisions...)
		}
	}
	a := &explain.Answer{Explanation: engine.Explain(o, o.At), Cluster: cfg.Cluster, Notes: s.Notes, Afresh: true, Would: would(decisions)}
	a.Revisions = withoutIdle(a.Revisions)
	if why := leftOut(cfg, own, namespace); why != "" {
		a.Notes, a.Would = append(a.Notes, why), ""
	} else if !selected(namespace, o.Labels) {
		a.Notes, a.Would = append(a.Notes, unselected(cfg)), ""
	}
	return a, nil
}

// would says what of the decisions would touch the workload.
func would(decisions []policy.Decision) string {
	for _, d := range decisions {
		switch d.Kind {
		case policy.Undo:
			return fmt.Sprintf("would return to revision %d now", d.To.Number)
		case policy.Pause:
			return "would pause the Deployment now"
		case policy.Resume:
			return "would take back its own pause now"
		case policy.Remember, policy.Compare, policy.Tidy, policy.Play:
		}
	}
	return ""
}
