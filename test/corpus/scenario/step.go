package scenario

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/undog-dev/undog/test/script"
)

// At is a time on the timeline; it may be negative.
type At struct {
	time.Duration
	invalid string
}

// UnmarshalJSON reads a duration, or keeps what it cannot read for validation.
func (a *At) UnmarshalJSON(raw []byte) error {
	var text string
	*a = At{}
	if err := json.Unmarshal(raw, &text); err == nil {
		if a.Duration, err = time.ParseDuration(text); err == nil {
			return nil
		}
	}
	a.invalid = string(raw)
	return nil
}

// MarshalJSON writes the time as text.
func (a At) MarshalJSON() ([]byte, error) {
	out, err := json.Marshal(a.String())
	if err != nil {
		return nil, fmt.Errorf("encode time: %w", err)
	}
	return out, nil
}

// Step is one thing that happens. Exactly one of the actions is set.
type Step struct {
	At At `json:"at,omitzero"`
	// Since makes At count from an event: rollback is undog's first rollback of
	// the workload.
	Since string `json:"since,omitempty"`
	// Workload is web when empty.
	Workload string `json:"workload,omitempty"`
	// By is the field manager of a release.
	By string `json:"by,omitempty"`
	// Every and Times repeat the step.
	Every script.Duration `json:"every,omitzero"`
	Times int             `json:"times,omitempty"`

	Action
}

// Action is what happens.
type Action struct {
	Release     string            `json:"release,omitempty"`
	Restart     bool              `json:"restart,omitempty"`
	Undo        bool              `json:"undo,omitempty"`
	Scale       string            `json:"scale,omitempty"`
	Pause       bool              `json:"pause,omitempty"`
	Resume      bool              `json:"resume,omitempty"`
	Annotate    map[string]string `json:"annotate,omitempty"`
	Delete      bool              `json:"delete,omitempty"`
	Plays       []TimedPlay       `json:"plays,omitempty"`
	ConfigMap   *Object           `json:"configMap,omitempty"`
	Secret      *Object           `json:"secret,omitempty"`
	Quota       *Quota            `json:"quota,omitempty"`
	Webhook     string            `json:"webhook,omitempty"`
	PodSecurity string            `json:"podSecurity,omitempty"`
	Node        *NodeStep         `json:"node,omitempty"`
	Disrupt     *Disrupt          `json:"disrupt,omitempty"`
	Watch       *Watch            `json:"watch,omitempty"`
	Undog       string            `json:"undog,omitempty"`
	Away        string            `json:"away,omitempty"`
	Back        string            `json:"back,omitempty"`
	Forget      bool              `json:"forget,omitempty"`
}

// TimedPlay is a play that applies from a time on.
type TimedPlay struct {
	// Workload and Revision are patterns; "*" or nothing means all.
	Workload string `json:"workload,omitempty"`
	Revision string `json:"revision,omitempty"`
	Play
}

// Object is a ConfigMap or a Secret as it is from now on.
type Object struct {
	Name string            `json:"name"`
	Data map[string]string `json:"data,omitempty"`
	// By is the field manager.
	By   string `json:"by,omitempty"`
	Gone bool   `json:"gone,omitempty"`
}

// Quota leaves room for so many more pods in the namespace; nil lifts it.
type Quota struct {
	Free *int `json:"free,omitempty"`
}

// NodeStep is what happens to a node.
type NodeStep struct {
	Name string `json:"name"`
	// Do is down, up, cordon, uncordon, drain, add.
	Do string `json:"do"`
	// EvictAfter replaces the pods' tolerationSeconds when it goes down.
	EvictAfter script.Duration `json:"evictAfter,omitzero"`
	// Pods, CPU, Memory and Labels are those of a node that is added.
	Pods   int64             `json:"pods,omitempty"`
	CPU    string            `json:"cpu,omitempty"`
	Memory string            `json:"memory,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
}

// Disrupt takes pods of the workload away.
type Disrupt struct {
	// Reason is that of the condition DisruptionTarget.
	Reason string `json:"reason"`
	// Pods is how many at most, the youngest first; 0 means all.
	Pods int `json:"pods,omitempty"`
	// Revision limits it to the pods of one.
	Revision string `json:"revision,omitempty"`
}

// Watch is how long undog's watches stand still.
type Watch struct {
	Stale script.Duration `json:"stale"`
}

// Name says which of the actions is set, all of them if several are.
func (a *Action) names() []string {
	var out []string
	for _, x := range []struct {
		name string
		set  bool
	}{
		{"release", a.Release != ""},
		{"restart", a.Restart},
		{"undo", a.Undo},
		{"scale", a.Scale != ""},
		{"pause", a.Pause},
		{"resume", a.Resume},
		{"annotate", a.Annotate != nil},
		{"delete", a.Delete},
		{"plays", a.Plays != nil},
		{"configMap", a.ConfigMap != nil},
		{"secret", a.Secret != nil},
		{"quota", a.Quota != nil},
		{"webhook", a.Webhook != ""},
		{"podSecurity", a.PodSecurity != ""},
		{"node", a.Node != nil},
		{"disrupt", a.Disrupt != nil},
		{"watch", a.Watch != nil},
		{"undog", a.Undog != ""},
		{"forget", a.Forget},
		{"away", a.Away != ""},
		{"back", a.Back != ""},
	} {
		if x.set {
			out = append(out, x.name)
		}
	}
	return out
}

// About is the workload that the step is about.
func (s *Step) About() string {
	if s.Workload == "" {
		return DefaultWorkload
	}
	return s.Workload
}
