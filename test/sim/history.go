package sim

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

// history is everything that the invariants judge by. It is taken from the
// cluster, not from what undog says, except for Told.
type history struct {
	// writes are undog's changes of Deployments that the server accepted.
	writes []write
	// told are the transitions that undog told.
	told []telling
	// lastRequest is when undog last asked for a change, accepted or not.
	lastRequest time.Time
	// derivable holds every durable transition that could ever be derived
	// from the cluster, by id.
	derivable map[string]policy.Transition
	decoded   map[*appsv1.ControllerRevision]policy.Record
}

// write is one change of a Deployment by undog.
type write struct {
	at       time.Time
	undog    string
	decision policy.Decision
	// readUID and readGeneration are what the action read last.
	readUID        string
	readGeneration int64
	before, after  *appsv1.Deployment
	// from and to are the hashes of the templates.
	from, to string
	// records is what the ledger held at the time, and owed are the durable
	// transitions that follow from the decision.
	records []policy.Record
	owed    []policy.Transition
}

// undoes tells whether the write changed the template.
func (w *write) undoes() bool { return w.from != w.to }

// telling is a transition that was told.
type telling struct {
	undog string
	policy.Transition
}

// observed is what the cluster itself remembers of a workload.
func (s *simulation) observed(workload policy.Workload) *policy.Observation {
	o := &policy.Observation{Workload: workload}
	for _, obj := range s.world.Records.List(s.world.Records.Len()) {
		cr, ok := obj.(*appsv1.ControllerRevision)
		if !ok || cr.Labels[ledger.WorkloadLabel] != workload.UID {
			continue
		}
		rec, known := s.history.decoded[cr]
		if !known {
			var err error
			if rec, err = ledger.Decode(cr); err != nil {
				continue
			}
			s.history.decoded[cr] = rec
		}
		o.Records = append(o.Records, rec)
	}
	d := s.world.Deployment(workload.Name)
	if d == nil || string(d.UID) != workload.UID {
		return o
	}
	if list, err := ledger.DecodeRollbacks(d.Annotations[ledger.RollbacksAnnotation]); err == nil {
		o.Rollbacks = list
	}
	return o
}

// workloadOf names a Deployment as undog does.
func workloadOf(d *appsv1.Deployment) policy.Workload {
	return policy.Workload{Kind: "Deployment", Namespace: d.Namespace, Name: d.Name, UID: string(d.UID)}
}
