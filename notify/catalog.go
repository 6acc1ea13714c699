package notify

import (
	"fmt"
	"time"
)

//go:generate go run ../hack/event-contract -root .. -write

// Kind is one kind of event: what Event.Kind, the subject and the type say.
type Kind struct {
	Noun, Verb string
	// Durable events reach the stream whatever dies; the others are told at
	// best effort while undog runs.
	Durable  bool
	Severity Severity
	// When says in a sentence when it is told.
	When string
	// Always names the fields of Data that every such event has, beside
	// cluster, workload, reason and message; Maybe those that it has when they
	// apply. It may gain fields, and has no others now.
	Always, Maybe []string
}

// Name is noun.verb.
func (k Kind) Name() string { return k.Noun + "." + k.Verb }

// Type is what Event.Type says.
func (k Kind) Type() string { return typePrefix + k.Name() + typeSuffix }

// Common are the fields that the data of every event has.
func Common() []string { return []string{"cluster", "workload", "reason", "message"} }

// Kinds lists every kind of event, in the order of a rollout's life.
func Kinds() []Kind {
	all := make([]Kind, 0, len(catalog))
	for _, k := range catalog {
		k.Always, k.Maybe = append([]string(nil), k.Always...), append([]string(nil), k.Maybe...)
		all = append(all, k)
	}
	return all
}

// The fields that many kinds have.
var (
	judged = []string{"phase", "revision", "policy", "action"}
	// shown is what checks and reports said, as far as there are any.
	shown = []string{"checks", "reported"}
	// known is what the ledger keeps of a revision that was found bad.
	known = []string{"target", "decisionId", "failures", "changes", "vetoes", "checks", "reported", "by", "captured", "cut"}
)

func with(fields []string, more ...string) []string {
	return append(append([]string(nil), fields...), more...)
}

// catalog is in the order in which things happen: sequence counts on it.
var catalog = []Kind{
	{"rollout", "started", false, Info, "A new revision is being rolled out.", judged, with(shown, "target", "changes", "by", "cut")},
	{
		"check", "differs", false, Info, "A check found what changed between the revisions, without holding it against the new one.",
		with(judged, "checks"),
		[]string{"reported", "cut"},
	},
	{"check", "inconclusive", false, Warn, "A check says nothing, and why.", with(judged, "checks"), []string{"reported", "cut"}},
	{
		"rollout", "suspect", false, Warn, "There is evidence against the revision, not enough to convict it.",
		judged, with(shown, "failures", "changes", "cut"),
	},
	{"rollout", "cleared", false, Info, "The evidence went away by itself.", judged, with(shown, "cut")},
	{
		"rollout", "held", false, Warn, "There is evidence enough, and a reason to do nothing about it.",
		judged, with(shown, "failures", "changes", "cut"),
	},
	{
		"verdict", "good", true, Info, "The revision proved itself through its bake window, or somebody who knows said so.",
		[]string{"phase", "revision", "policy"},
		known,
	},
	{"verdict", "bad", true, Error, "The revision is convicted.", judged, known},
	{"rollback", "would-have", false, Warn, "In observe mode or a freeze window: what would have been done.", judged, with(shown, "target", "failures", "captured", "cut")},
	{"rollback", "done", true, Warn, "The workload was set back to the target.", with(judged, "target", "decisionId"), known},
	{"rollback", "refused", true, Error, "The revision is bad, and what follows from that could not be done.", judged, known},
	{"rollout", "halted", true, Error, "The workload was undone too often: the rest is left to people.", judged, known},
	{"rollout", "paused", false, Warn, "The workload was paused, as its policy says.", judged, with(shown, "cut")},
	{"rollout", "resumed", false, Info, "undog's pause is over.", judged, with(shown, "cut")},
	{"rollout", "recovered", false, Info, "The revision that was returned to is complete.", judged, with(shown, "cut")},
	{"rollback", "contested", true, Error, "The template that was undone is back. undog does not fight over it.", judged, known},
	{"verdict", "withdrawn", true, Info, "A conviction is taken back: it was not the release.", judged, known},
	{"brake", "engaged", false, Error, "Many workloads fail at once: nothing is undone until that is over.", nil, nil},
	{"brake", "released", false, Info, "Bad releases are undone again.", nil, nil},
	{"leader", "elected", false, Info, "One of several undogs begins to act; the workload is that undog.", nil, nil},
	{"leader", "lost", false, Warn, "An undog had to cease to act; the workload is that undog.", nil, nil},
	{"config", "reloaded", false, Info, "undog goes by what its configuration file holds now; the workload is that undog.", nil, nil},
	{"config", "rejected", false, Warn, "What the configuration file holds now is not used, and why; the one before is kept.", nil, nil},
}

// sequence orders the events of one workload: by time, then by revision, then
// by the order in which things happen.
func sequence(name string, at time.Time, number int64) string {
	rank := len(catalog)
	for i, k := range catalog {
		if k.Name() == name {
			rank = i
			break
		}
	}
	return fmt.Sprintf("%s-%010d-%02d", at.UTC().Format("20060102T150405.000000000Z"), number, rank)
}
