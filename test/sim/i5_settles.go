package sim

import (
	"bytes"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

var settles = &Invariant{
	Name: "I5",
	Says: "when the world stands still undog stops writing, and leaves no bad revision in place that it could undo",
	rest: func(s *simulation) error {
		if since := s.world.Clock.Now().Add(-quiet); s.history.lastRequest.After(since) {
			return fmt.Errorf("undog still wrote %s before the end", s.world.Clock.Now().Sub(s.history.lastRequest).Round(time.Second))
		}
		for _, name := range sortedKeys(s.owners) {
			if d := s.world.Deployment(name); d != nil && s.undoable(d) {
				return fmt.Errorf("%s still has %s, and there is a revision to return to", name, describe(s.world, s.world.Template(d)))
			}
		}
		return nil
	},
}

// undoable tells whether a Deployment has a bad template that undog should have undone.
func (s *simulation) undoable(d *appsv1.Deployment) bool {
	hash := s.world.Template(d)
	truth := s.world.Truth(hash)
	mode := d.Annotations[ledger.ModeAnnotation]
	switch {
	case s.settings.Mode != policy.Enforce || s.settings.Policies[0].Action != policy.ActionRollback,
		mode == string(policy.Off) || mode == string(policy.Observe),
		d.Spec.Paused, *d.Spec.Replicas == 0,
		truth == nil || !truth.Fate.Bad() || truth.Shown.IsZero(),
		s.over(d), s.excused(d, hash):
		return false
	}
	target := false
	for _, rec := range s.observed(workloadOf(d)).Records {
		if rec.Revision.Template == hash {
			// Contested or given up, which was told and is left to people; or found good.
			if rec.Verdict == policy.Good || givenUp(rec.Refused) || rec.Contested != nil || rec.Withdrawn != nil {
				return false
			}
			continue
		}
		target = target || rec.Verdict == policy.Good && s.stored(d, rec.Revision)
	}
	return target && !s.undone(d, hash)
}

// stored tells whether the template of a revision is still to be had: nobody
// that acts may have been there to keep it while its ReplicaSet was.
func (s *simulation) stored(d *appsv1.Deployment, rev policy.RevisionRef) bool {
	for _, rs := range s.world.Owned(d) {
		if string(rs.UID) == rev.UID {
			return true
		}
	}
	for _, o := range s.world.Records.List(s.world.Records.Len()) {
		cr, is := o.(*appsv1.ControllerRevision)
		if is && cr.Labels[ledger.WorkloadLabel] == string(d.UID) && s.history.decoded[cr].Revision.UID == rev.UID {
			return bytes.Contains(cr.Data.Raw, []byte(`"spec"`))
		}
	}
	return false
}

// over tells whether the rollout had been complete for a bake window when an
// undog came: what goes wrong after that is not the release's doing, as far as
// it can know.
func (s *simulation) over(d *appsv1.Deployment) bool { return s.past[s.releaseOf(d)] }

// lookBack notes what is over for an undog that comes now: later on the
// condition that says so may be renewed, by scaling for one.
func (s *simulation) lookBack() {
	for _, o := range s.world.Deployments.List(s.world.Deployments.Len()) {
		d, is := o.(*appsv1.Deployment)
		if !is {
			continue
		}
		if *d.Spec.Replicas == 0 {
			// Without pods it becomes complete, however bad it is.
			s.past[s.releaseOf(d)] = true
		}
		for _, c := range d.Status.Conditions {
			if c.Type == appsv1.DeploymentProgressing && c.Reason == "NewReplicaSetAvailable" &&
				s.world.Clock.Now().Sub(c.LastUpdateTime.Time) >= s.settings.Policies[0].Bake {
				s.past[s.releaseOf(d)] = true
			}
		}
	}
}

// release is one rollout of a template.
type release struct {
	workload       types.UID
	template       string
	revisionNumber string
}

func (s *simulation) releaseOf(d *appsv1.Deployment) release {
	return release{d.UID, s.world.Template(d), d.Annotations["deployment.kubernetes.io/revision"]}
}

func (s *simulation) undone(d *appsv1.Deployment, hash string) bool {
	for i := range s.history.writes {
		if w := &s.history.writes[i]; w.undoes() && w.before.UID == d.UID && w.from == hash {
			return true
		}
	}
	return false
}

// excused tells whether another revision that was not convicted fails as well:
// then the present one is not to blame.
func (s *simulation) excused(d *appsv1.Deployment, hash string) bool {
	bad := map[string]bool{}
	for _, rec := range s.observed(workloadOf(d)).Records {
		bad[rec.Revision.Template] = bad[rec.Revision.Template] || rec.Verdict == policy.Bad
	}
	for _, rs := range s.world.Owned(d) {
		h := s.world.Template(rs)
		if h != hash && *rs.Spec.Replicas > 0 && !bad[h] && s.world.Truth(h).Fate.Bad() {
			return true
		}
	}
	return false
}

// givenUp tells whether an undo was refused for good. What it lacked a target
// or a permission for is tried again.
func givenUp(n *policy.Note) bool {
	return n != nil && n.Reason != "NoTarget" && n.Reason != "Forbidden" && n.Reason != "TargetIncomplete"
}
