package notify

import (
	"fmt"
	"strings"
	"time"
)

// The fixed attributes of the envelope.
const (
	// SpecVersion is the version of CloudEvents.
	SpecVersion = "1.0"
	// ContentType is the media type of an encoded event.
	ContentType = "application/cloudevents+json"
	// DataContentType is the media type of the data within.
	DataContentType = "application/json"

	typePrefix = "dev.undog."
	typeSuffix = ".v1"
)

// Event is one thing that happened, in the envelope of CloudEvents 1.0.
type Event struct {
	// SpecVersion is the version of CloudEvents.
	SpecVersion string `json:"specversion"`
	// ID is the same for the same happening, whoever tells of it, however often.
	ID string `json:"id"`
	// Source is /undog/<cluster>.
	Source string `json:"source"`
	// Type is dev.undog.<noun>.<verb>.v1.
	Type string `json:"type"`
	// Subject is <namespace>/<kind>/<name>, the kind in lower case.
	Subject string `json:"subject"`
	// Time is when it happened, not when it was sent.
	Time time.Time `json:"time"`
	// DataContentType is the media type of the data within.
	DataContentType string `json:"datacontenttype"`
	// CorrelationID is shared by all events of one rollout, what follows from its
	// undo included.
	CorrelationID string `json:"correlationid,omitempty"`
	// CausationID is the id of the event that led to this one.
	CausationID string `json:"causationid,omitempty"`
	// Sequence orders the events of one workload as text. It is no counter:
	// gaps in it mean nothing.
	Sequence string `json:"sequence,omitempty"`
	// SeverityText and SeverityNumber follow OpenTelemetry's scale.
	SeverityText   string `json:"severitytext,omitempty"`
	SeverityNumber int    `json:"severitynumber,omitempty"`

	Data Data `json:"data"`
}

// Severity is a level of OpenTelemetry's scale.
type Severity int

// The severities that undog uses.
const (
	// Info tells of the normal course of a rollout.
	Info Severity = 9
	// Warn tells of trouble that was dealt with, or is being watched.
	Warn Severity = 13
	// Error tells of trouble that people should look at.
	Error Severity = 17
)

// String is the severity's name on OpenTelemetry's scale.
func (s Severity) String() string {
	switch s {
	case Info:
		return "INFO"
	case Warn:
		return "WARN"
	case Error:
		return "ERROR"
	}
	return fmt.Sprintf("SEVERITY%d", int(s))
}

// New returns an event of the given noun and verb about data.Workload, with
// all attributes set that follow from these.
func New(noun, verb, id string, at time.Time, severity Severity, data Data) Event {
	return Event{
		SpecVersion:     SpecVersion,
		ID:              id,
		Source:          "/undog/" + data.Cluster,
		Type:            typePrefix + noun + "." + verb + typeSuffix,
		Subject:         data.Workload.Namespace + "/" + strings.ToLower(data.Workload.Kind) + "/" + data.Workload.Name,
		Time:            at.UTC(),
		DataContentType: DataContentType,
		Sequence:        sequence(noun+"."+verb, at, data.Revision.Number),
		SeverityText:    severity.String(),
		SeverityNumber:  int(severity),
		Data:            data,
	}
}

// Kind splits the type into noun and verb.
func (e Event) Kind() (noun, verb string, err error) {
	rest, ok := strings.CutPrefix(e.Type, typePrefix)
	if ok {
		rest, ok = strings.CutSuffix(rest, typeSuffix)
	}
	noun, verb, found := strings.Cut(rest, ".")
	if !ok || !found || !validWord(noun) || !validWord(verb) {
		return "", "", fmt.Errorf("read event type %q: want %s<noun>.<verb>%s", e.Type, typePrefix, typeSuffix)
	}
	return noun, verb, nil
}

// Address is where the event belongs among the subjects.
func (e Event) Address() (Address, error) {
	noun, verb, err := e.Kind()
	if err != nil {
		return Address{}, err
	}
	w := e.Data.Workload
	return Address{
		Cluster: e.Data.Cluster, Namespace: w.Namespace, Kind: w.Kind, Name: w.Name,
		Noun: noun, Verb: verb,
	}, nil
}
