package scenario

import (
	"time"

	"github.com/undog-dev/undog/test/script"
)

// Scenario is one file.
type Scenario struct {
	// ID is B or G and a number for the listed ones, X or Y and a number for others.
	ID    string `json:"id"`
	Title string `json:"title"`
	// Why is the reason behind the expected verdict.
	Why   string `json:"why"`
	Class Class  `json:"class"`
	// Veto names the veto that the scenario was written for.
	Veto string `json:"veto,omitempty"`
	// Policy is how undog is configured.
	Policy Policy `json:"policy,omitzero"`
	// Checks and Personas are as in undog's configuration; the namespace is
	// filled in.
	Checks   []map[string]any `json:"checks,omitempty"`
	Personas []map[string]any `json:"personas,omitempty"`
	Matrix   Matrix           `json:"matrix,omitzero"`
	// Nodes are the nodes there are; three large ones when empty.
	Nodes []Node `json:"nodes,omitempty"`
	// ConfigMaps and Secrets that are there from the beginning, with their data.
	ConfigMaps map[string]map[string]string `json:"configMaps,omitempty"`
	Secrets    map[string]map[string]string `json:"secrets,omitempty"`
	// ServiceAccounts are those there are, beside default.
	ServiceAccounts []string `json:"serviceAccounts,omitempty"`
	// Old and New are the revisions v1 and v2 of the only workload, web.
	Old *Revision `json:"old,omitempty"`
	New *Revision `json:"new,omitempty"`
	// Workloads are given instead of Old and New.
	Workloads []Workload `json:"workloads,omitempty"`
	// Lead is how long before the release v1 is created; by default long
	// enough to prove itself.
	Lead script.Duration `json:"lead,omitzero"`
	// UndogAt is when undog starts; before everything else by default.
	UndogAt *At    `json:"undogAt,omitempty"`
	Events  []Step `json:"timeline,omitempty"`
	// For is how long after 0s it is played; 30m by default.
	For    script.Duration `json:"for,omitzero"`
	Expect []Expect        `json:"expect"`
}

// Class is what kind of trouble a scenario is about.
type Class string

// Classes lists all classes, in the order of the table.
var Classes = []Class{
	"image", "cannot-start", "config", "crash", "oom", "probe", "admission", "scheduling", "late", "slow",
	"content", "blame", "environment", "owner", "undog",
}

// Verdict is what undog must make of a scenario.
type Verdict string

// The verdicts.
const (
	Rollback Verdict = "rollback"
	Hold     Verdict = "hold"
	None     Verdict = "none"
)

// Refused begins the reason of a hold where undog convicted and told why it
// could not act: Refused/NoTarget.
const Refused = "Refused/"

// Policy is what a user would write in undog's configuration.
type Policy struct {
	// Bake is undog's own default when zero.
	Bake        script.Duration `json:"bake,omitzero"`
	ReadyWithin script.Duration `json:"readyWithin,omitzero"`
}

// Node is a node, or several alike.
type Node struct {
	Name   string            `json:"name"`
	CPU    string            `json:"cpu,omitempty"`
	Memory string            `json:"memory,omitempty"`
	Pods   int64             `json:"pods,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
}

// Workload is a Deployment.
type Workload struct {
	Name string `json:"name"`
	// Replicas and Strategy are the cell's when not set.
	Replicas int32    `json:"replicas,omitempty"`
	Strategy Strategy `json:"strategy,omitempty"`
	// MinReady, Deadline and History are fields of the Deployment's spec.
	MinReady script.Duration `json:"minReady,omitzero"`
	Deadline script.Duration `json:"deadline,omitzero"`
	History  *int32          `json:"history,omitempty"`
	// Annotations are the Deployment's own.
	Annotations map[string]string `json:"annotations,omitempty"`
	// Patch is a strategic merge patch of every revision's pod template.
	Patch     map[string]any      `json:"patch,omitempty"`
	Revisions map[string]Revision `json:"revisions"`
	// First says that no revision is there before 0s.
	First bool `json:"first,omitempty"`
}

// Revision is a pod template and what its pods play.
type Revision struct {
	// Image is registry.example/WORKLOAD:REVISION when empty.
	Image string `json:"image,omitempty"`
	// Like names a revision whose image, label and plays this one shares.
	Like string `json:"like,omitempty"`
	// Patch is a strategic merge patch of the pod template.
	Patch map[string]any `json:"patch,omitempty"`
	Plays []Play         `json:"plays,omitempty"`
}

// Play is what containers of a revision do; the first that matches counts.
type Play struct {
	Container string       `json:"container,omitempty"`
	Ordinals  string       `json:"ordinals,omitempty"`
	Node      string       `json:"node,omitempty"`
	Chance    float64      `json:"chance,omitempty"`
	Per       script.Scope `json:"per,omitempty"`
	Play      script.Play  `json:"play"`
}

// Expect is what undog must make of a workload.
type Expect struct {
	// Workload is web when empty.
	Workload string `json:"workload,omitempty"`
	// Cells limits the entry to some cells.
	Cells   *Cells  `json:"cells,omitempty"`
	Verdict Verdict `json:"verdict"`
	// Reasons are those allowed: of the rollback's record, or of the hold.
	Reasons []string `json:"reasons,omitempty"`
	// Latest is when the rollback must have been written, since 0s.
	Latest script.Duration `json:"latest,omitzero"`
	// Final is the revision whose template is there at the end: v1 after a
	// rollback, else the one that was released last.
	Final string `json:"final,omitempty"`
	// Undos is how many rollbacks there must be; 1 when zero.
	Undos int `json:"undos,omitempty"`
	// Held are reasons of which one must be told as the reason of a hold, told
	// the kinds of transitions that must be among those told.
	Held []string `json:"held,omitempty"`
	Told []string `json:"told,omitempty"`
	// Because says why these cells differ.
	Because string `json:"because,omitempty"`
}

// Defaults of a scenario.
const (
	DefaultFor      = 30 * time.Minute
	DefaultBake     = 10 * time.Minute
	DefaultDeadline = 10 * time.Minute
	// DefaultWorkload is the one that is meant when none is named.
	DefaultWorkload = "web"
)

// BakeFor is the policy's bake window.
func (s *Scenario) BakeFor() time.Duration {
	if s.Policy.Bake.Duration > 0 {
		return s.Policy.Bake.Duration
	}
	return DefaultBake
}

// LeadFor is how long before 0s the first revisions are created.
func (s *Scenario) LeadFor() time.Duration {
	if s.Lead.Duration > 0 {
		return s.Lead.Duration
	}
	return s.BakeFor() + 3*time.Minute
}

// PlayedFor is how long after 0s the scenario is played.
func (s *Scenario) PlayedFor() time.Duration {
	if s.For.Duration > 0 {
		return s.For.Duration
	}
	return DefaultFor
}

// Workload is the one with a name, nil if there is none.
func (s *Scenario) Workload(name string) *Workload {
	for i := range s.Workloads {
		if s.Workloads[i].Name == name {
			return &s.Workloads[i]
		}
	}
	return nil
}
