package sim

import (
	"net/http"

	"github.com/undog-dev/undog/policy"
)

var impatient = mutant{
	name: "impatient", says: "takes one exit for three", caughtBy: evidenceFirst,
	parts: Parts{Engine: seeing(func(o *policy.Observation) {
		for i := range o.Revisions {
			r := &o.Revisions[i]
			r.Failures = append([]policy.Failure(nil), r.Failures...)
			for j := range r.Failures {
				f := &r.Failures[j]
				f.Count, f.MaxCount, f.Repeated = 3*f.Count, 3*f.MaxCount, f.Pods
			}
		}
	})},
}

var secondLookBlind = mutant{
	name: "blind-second-look", says: "does not look at the pods again before it acts", caughtBy: evidenceFirst,
	parts: Parts{Transport: reading("pods", func(_ *http.Request, pod map[string]any) {
		pod["status"] = map[string]any{}
		delete(field(pod, "metadata"), "deletionTimestamp")
	})},
}
