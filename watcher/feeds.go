package watcher

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// feedsOf makes the feeds of one source: those that must be, and then those
// that undog can do without.
func (w *Watcher) feedsOf(s Source) []*feed {
	all := append(w.state.neededFeeds(s), w.state.optionalFeeds(s)...)
	given := all[:0]
	for _, f := range all {
		f.spare = s.Spare
		if f.lw != nil {
			given = append(given, f)
		}
	}
	return given
}

func (s *State) neededFeeds(from Source) []*feed {
	return []*feed{
		{
			resource: "deployments", lw: from.Deployments, example: &appsv1.Deployment{},
			held:   holds(heldDeployments).in(s, from.Namespace),
			reduce: reducer(reduceDeployment), apply: applier(s.applyDeployment),
			remove: func(at time.Time, id *identity) {
				s.DeleteDeployment(at, text(id.namespace), id.name.String(), id.uidText())
			},
		},
		{
			resource: "replicasets", lw: from.ReplicaSets, example: &appsv1.ReplicaSet{},
			held:   holds(heldReplicaSets).in(s, from.Namespace),
			reduce: reducer(reduceReplicaSet), apply: applier(s.applyReplicaSet),
			remove: func(at time.Time, id *identity) {
				s.DeleteReplicaSet(at, text(id.namespace), id.name.String(), id.uidText())
			},
		},
		{
			resource: "pods", lw: from.Pods, example: &corev1.Pod{},
			held:   holds(heldPods).in(s, from.Namespace),
			reduce: reducer(reducePod), apply: sound(s.applyPod),
			remove: func(at time.Time, id *identity) { s.DeletePod(at, text(id.namespace), id.name.String(), id.uidText()) },
		},
		{
			resource: "controllerrevisions", lw: from.ControllerRevisions, example: &appsv1.ControllerRevision{},
			held:   holds(heldRecords).in(s, from.Namespace),
			reduce: reducer(func(cr *appsv1.ControllerRevision) *ledgerRecord { return reduceRecord(cr, s.opts.DecodeRecord) }),
			apply: applier(func(at time.Time, r *ledgerRecord) string {
				s.applyRecord(at, r)
				return r.problem
			}),
			remove: func(at time.Time, id *identity) {
				s.DeleteRecord(at, text(id.namespace), id.name.String(), id.uidText())
			},
		},
	}
}

func (s *State) optionalFeeds(from Source) []*feed {
	return []*feed{
		{
			resource: "nodes", lw: from.Nodes, example: &corev1.Node{}, without: "every node counts as ready",
			held:   holds(heldNodes).in(s, ""),
			reduce: reducer(reduceNode), apply: sound(s.applyNode),
			remove: func(at time.Time, id *identity) { s.DeleteNode(at, id.name.String(), id.uidText()) },
		},
		{
			resource: "configmaps", lw: from.ConfigMaps, example: &metav1.PartialObjectMetadata{},
			held:    holds(heldConfigMaps).in(s, from.Namespace),
			without: "changes of configuration are not seen",
			reduce:  reducer(func(o *metav1.PartialObjectMetadata) *configRecord { return reduceConfigMap(o) }),
			apply:   sound(s.applyConfigMap),
			remove: func(at time.Time, id *identity) {
				s.DeleteConfigMap(at, text(id.namespace), id.name.String(), id.uidText())
			},
		},
		{
			resource: "events", lw: from.Events, example: &corev1.Event{},
			held:    holds(heldEvents).in(s, from.Namespace),
			without: "failures of volumes, sandboxes and probes are told without their cause",
			reduce:  reducer(reduceEvent), apply: sound(s.applyEvent), late: true,
			remove: func(time.Time, *identity) {},
		},
	}
}

// sound adapts what finds nothing wrong with an object.
func sound[R any](apply func(time.Time, *R)) func(time.Time, any) string {
	return applier(func(at time.Time, r *R) string {
		apply(at, r)
		return ""
	})
}
