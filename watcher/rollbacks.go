package watcher

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

// parseRollbacks reads the workload's own memory of undos and keeps the newest
// MaxRollbacks of them. One that cannot be read as a whole counts as absent.
func parseRollbacks(annotation string) ([]policy.Rollback, error) {
	if annotation == "" {
		return nil, nil
	}
	var list []policy.Rollback
	if err := json.Unmarshal([]byte(annotation), &list); err != nil {
		return nil, fmt.Errorf("parse annotation %s: %s; remove it or make it a JSON list", AnnotationRollbacks, cleanMessage(err.Error()))
	}
	if len(list) > MaxRollbacks {
		list = list[len(list)-MaxRollbacks:]
	}
	for i := range list {
		b := &list[i]
		for _, id := range []*string{&b.DecisionID, &b.Workload, &b.From, &b.To, &b.Template} {
			*id = cleanName(*id, maxReason)
		}
	}
	return list, nil
}

// maxSkew is how far undog's clock may differ from that of the undog that wrote, or of
// the API server.
const maxSkew = time.Minute

// dropIncredible leaves out rollbacks that cannot be this workload's own: they
// lie in the future, or before it was created. Somebody copied or made them up.
func (r *deploymentRecord) dropIncredible(now time.Time) {
	incredible := func(b policy.Rollback) bool {
		return b.At.After(now.Add(maxSkew)) || r.created != 0 && b.At.Before(secondsTime(r.created).Add(-maxSkew))
	}
	if r.rare == nil || !slices.ContainsFunc(r.rare.rollbacks, incredible) {
		return
	}
	rare := *r.rare
	all := len(rare.rollbacks)
	rare.rollbacks = slices.DeleteFunc(slices.Clone(rare.rollbacks), incredible)
	if len(rare.rollbacks) == 0 {
		rare.rollbacks = nil
	}
	rare.problem = fmt.Sprintf("annotation %s: %d entries lie in the future or before the workload was created; "+
		"remove the annotation, it does not belong here", AnnotationRollbacks, all-len(rare.rollbacks))
	r.rare = &rare
}
