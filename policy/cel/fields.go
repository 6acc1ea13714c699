package cel

import (
	"reflect"
	"strings"
	"time"

	"github.com/undog-dev/undog/policy"
)

// The types that an expression sees. The names of their fields, in the json
// tags, are a promise to everyone who wrote an expression.
type (
	// Workload is the Deployment.
	Workload struct {
		Kind              string            `json:"kind"`
		Namespace         string            `json:"namespace"`
		Name              string            `json:"name"`
		Labels            map[string]string `json:"labels"`
		Manager           string            `json:"manager"`
		Replicas          int32             `json:"replicas"`
		UpdatedReplicas   int32             `json:"updatedReplicas"`
		ReadyReplicas     int32             `json:"readyReplicas"`
		AvailableReplicas int32             `json:"availableReplicas"`
	}
	// Revision is one revision of it.
	Revision struct {
		Number       int64            `json:"number"`
		Name         string           `json:"name"`
		Images       []string         `json:"images"`
		Age          time.Duration    `json:"age"`
		Desired      int32            `json:"desired"`
		Pods         int32            `json:"pods"`
		Scheduled    int32            `json:"scheduled"`
		Started      int32            `json:"started"`
		Ready        int32            `json:"ready"`
		Nodes        int32            `json:"nodes"`
		Lost         int32            `json:"lost"`
		Disrupted    int32            `json:"disrupted"`
		SlowestReady time.Duration    `json:"slowestReady"`
		Failures     []policy.Failure `json:"failures"`
	}
	// Finding is what a rule found.
	Finding struct {
		Reason   string           `json:"reason"`
		Level    string           `json:"level"`
		Message  string           `json:"message"`
		Failures []policy.Failure `json:"failures"`
	}
	// Rollout is the judging of the revision.
	Rollout struct {
		Age      time.Duration `json:"age"`
		Paused   bool          `json:"paused"`
		Recreate bool          `json:"recreate"`
	}
)

// fieldName is the name of a Go field in an expression, "-" for none: a point
// in time is of no use where there is no now to compare it with.
func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" || f.Type == reflect.TypeFor[time.Time]() {
		return "-"
	}
	return name
}

func workloadOf(c *policy.Case) *Workload {
	o := c.Observation
	return &Workload{
		Kind: o.Workload.Kind, Namespace: o.Workload.Namespace, Name: o.Workload.Name,
		Labels: o.Labels.Map(), Manager: o.Manager, Replicas: o.Replicas, UpdatedReplicas: o.UpdatedReplicas,
		ReadyReplicas: o.ReadyReplicas, AvailableReplicas: o.AvailableReplicas,
	}
}

func revisionOf(c *policy.Case, r *policy.Revision) *Revision {
	v := &Revision{
		Number: r.Number, Name: r.Name, Images: r.Images, Desired: r.Desired,
		Pods: r.Pods, Scheduled: r.Scheduled, Started: r.Started, Ready: r.Ready, Nodes: r.Nodes,
		Lost: r.Lost, Disrupted: r.Disrupted, SlowestReady: r.SlowestReady, Failures: r.Failures,
	}
	if !r.CreatedAt.IsZero() {
		v.Age = max(0, c.At.Sub(r.CreatedAt))
	}
	return v
}

func findingOf(f *policy.Finding) *Finding {
	return &Finding{Reason: f.Reason, Level: level(f.Level), Message: f.Message, Failures: f.Failures}
}

func level(l policy.Level) string {
	switch l {
	case policy.Clear:
		return "Clear"
	case policy.Suspicious:
		return "Suspicious"
	case policy.Convicting:
		return "Convicting"
	}
	return ""
}

func rolloutOf(c *policy.Case) *Rollout {
	return &Rollout{Age: c.Age(), Paused: c.Observation.Paused, Recreate: c.Observation.Recreate}
}
