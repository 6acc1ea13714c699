package policytest

import (
	"time"

	"github.com/undog-dev/undog/policy"
)

// epoch is the beginning of every scenario.
var epoch = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// World is one Deployment, the engine that watches it, and what the engine
// asked for and nobody has answered yet.
type World struct {
	engine   *policy.Engine
	settings policy.Settings
	now      time.Time
	obs      policy.Observation
	open     []policy.Decision
	// plays are those that were asked for last, by check, and due when the
	// engine wants to be woken.
	plays   map[string]policy.Decision
	due     time.Time
	version uint64
	others  others
	// told is everything that the engine ever told.
	told []policy.Transition
	// changes is what the next Compare finds, nil for another image.
	changes []policy.Change
}

// New returns a world with nothing in it but an engine with default settings.
func New() *World {
	w := &World{now: epoch, plays: map[string]policy.Decision{}}
	w.settings = policy.Settings{
		Cluster: "test", Mode: policy.Enforce,
		Policies: []policy.Policy{{Name: "default", Action: policy.ActionRollback, Bake: 10 * time.Minute}},
	}
	w.engine = policy.New(w.settings)
	w.obs = policy.Observation{
		Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "uid-web"},
		Replicas: 2, ProgressDeadline: 10 * time.Minute,
	}
	return w
}

// Told is every transition that the engine told, in order; after a restart it
// may have told one again.
func (w *World) Told() []policy.Transition { return w.told }

// Durable is every durable transition that the world's own memory says happened.
func (w *World) Durable() []policy.Transition { return policy.Durable(w.settings.Cluster, w.shown()) }

// revision is the revision with a number, nil if there is none.
func (w *World) revision(number int64) *policy.Revision {
	for i := range w.obs.Revisions {
		if w.obs.Revisions[i].Number == number {
			return &w.obs.Revisions[i]
		}
	}
	return nil
}

// roll makes a template current, the way the Deployment controller does: a
// ReplicaSet that has it is taken up again under the next number.
func (w *World) roll(template, uid, image string) *policy.Revision {
	var highest int64
	for _, r := range w.obs.Revisions {
		highest = max(highest, r.Number)
	}
	if w.obs.Template != template {
		w.obs.UpdatedReplicas = 0
	}
	w.obs.Template = template
	w.obs.Generation++
	w.obs.ObservedGeneration = w.obs.Generation
	for i := range w.obs.Revisions {
		r := w.obs.Revisions[i]
		if r.Template != template {
			continue
		}
		w.obs.Revisions = append(append(w.obs.Revisions[:i:i], w.obs.Revisions[i+1:]...), r)
		taken := &w.obs.Revisions[len(w.obs.Revisions)-1]
		taken.Number = highest + 1
		return taken
	}
	w.obs.Revisions = append(w.obs.Revisions, policy.Revision{CreatedAt: w.now, RevisionRef: policy.RevisionRef{
		UID: uid, Name: "web-" + uid, Hash: uid, Number: highest + 1, Template: template, Images: []string{image},
	}})
	return &w.obs.Revisions[len(w.obs.Revisions)-1]
}

// observe shows the world to the engine.
func (w *World) observe() policy.Ready {
	w.version++
	return w.engine.Step(w.shown())
}

// shown is the world as it is now.
func (w *World) shown() *policy.Observation {
	o := w.obs
	o.At, o.Version = w.now, w.version
	o.Revisions = append([]policy.Revision(nil), w.obs.Revisions...)
	o.Records = append([]policy.Record(nil), w.obs.Records...)
	o.Rollbacks = append([]policy.Rollback(nil), w.obs.Rollbacks...)
	return &o
}

// answer ends the oldest open decision and, if it was done, changes the world
// as the write would have.
func (w *World) answer(result policy.Result, reason, message string) (policy.Ready, bool) {
	if len(w.open) == 0 {
		return policy.Ready{}, false
	}
	d := w.open[0]
	w.open = w.open[1:]
	if d.Kind == policy.Compare {
		found := w.changes
		if found == nil {
			found = []policy.Change{{Path: "spec.containers[app].image", From: first(d.From.Images), To: first(d.To.Images)}}
		}
		return w.engine.Step(policy.Comparison{
			At: w.now, Workload: d.Workload, From: d.From.UID, To: d.To.UID, Changes: found,
		}), true
	}
	if result == policy.Done {
		w.apply(d)
	}
	return w.engine.Step(policy.Outcome{
		At: w.now, Workload: d.Workload, DecisionID: d.ID, Kind: d.Kind,
		Result: result, Reason: reason, Message: message, Generation: w.obs.Generation,
	}), true
}

// apply does to the world what a decision asks for.
func (w *World) apply(d policy.Decision) {
	if d.Kind != policy.Resume && d.Kind != policy.Tidy {
		w.remember(d.Record)
	}
	switch d.Kind {
	case policy.Undo:
		w.roll(d.To.Template, d.To.UID, first(d.To.Images))
		w.obs.Rollbacks = append(w.obs.Rollbacks, policy.Rollback{
			DecisionID: d.ID, At: w.now, From: d.From.UID, To: d.To.UID, Template: d.From.Template,
		})
	case policy.Pause:
		w.obs.Paused, w.obs.PausedBy = true, d.ID
		w.obs.Generation++
		w.obs.ObservedGeneration++
	case policy.Resume:
		w.obs.Paused, w.obs.PausedBy, w.obs.Resumed = false, "", w.obs.PausedBy
		w.obs.Generation++
		w.obs.ObservedGeneration++
	case policy.Tidy:
		w.obs.Generation++
		w.obs.ObservedGeneration++
	case policy.Remember, policy.Compare, policy.Play:
	}
}

// remember keeps a record as the ledger does: one per revision.
func (w *World) remember(rec policy.Record) {
	for i := range w.obs.Records {
		if w.obs.Records[i].Revision.UID == rec.Revision.UID {
			w.obs.Records[i] = rec
			return
		}
	}
	w.obs.Records = append(w.obs.Records, rec)
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}
