package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a request, in bytes.
const (
	// MaxRequest is the longest body. A longer one is refused.
	MaxRequest = 8 << 10
	// MaxReason is how much is kept of the reason and of who reports.
	MaxReason = 256
	// maxField bounds what names something: it is refused beyond, not cut.
	maxField = 512
)

// The verdicts that can be reported.
const (
	Good = "good"
	Bad  = "bad"
)

// VerdictRequest is the JSON body of a request to the subject of
// VerdictSubject: a verdict of somebody who knows better than undog can, such
// as a smoke test or a monitor of service levels.
type VerdictRequest struct {
	// Namespace and Name repeat the workload's of the subject; both may be left out.
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	// Revision is the pod-template-hash, the ReplicaSet's name, or an image of
	// the revision that the verdict is on.
	Revision string `json:"revision"`
	// Verdict is Good or Bad.
	Verdict string `json:"verdict"`
	// Reason is a sentence for people, and stands in the event.
	Reason string `json:"reason"`
	// By says who reports. Nobody checks it: who may report at all is NATS' to say.
	By string `json:"by,omitempty"`
}

// VerdictReply is undog's answer to a VerdictRequest.
type VerdictReply struct {
	// Accepted says that the verdict counts from now on.
	Accepted bool `json:"accepted"`
	// Reason is CamelCase and stable; Message a sentence for people.
	Reason  string `json:"reason"`
	Message string `json:"message"`
	// Revision is the one that was meant, if it is known.
	Revision Revision `json:"revision,omitzero"`
	// Phase is the rollout's after the verdict, if it is judged.
	Phase string `json:"phase,omitempty"`
}

// What undog says in VerdictReply.Reason before its judgement is asked. The
// judgement adds Accepted, UnknownRevision, StaleRevision, NotWatched and
// AlreadyJudged.
const (
	// Malformed is a body or a subject that says nothing clear.
	Malformed = "Malformed"
	// NotFound is a workload that does not exist.
	NotFound = "NotFound"
	// NotSynced says that undog has not read the whole cluster yet.
	NotSynced = "NotSynced"
	// Busy says that too many requests wait, or that this one waited too long.
	Busy = "Busy"
	// Stopping says that this undog ends.
	Stopping = "Stopping"
)

// DecodeVerdict reads the body of a request. It is strict, since a verdict
// that is not understood as it was meant may undo a release: unknown and
// repeated keys are errors. Texts for people are cleaned and cut. The error
// names everything that is wrong.
func DecodeVerdict(b []byte) (VerdictRequest, error) {
	var r VerdictRequest
	if len(b) > MaxRequest {
		return r, fmt.Errorf("body of %d bytes: at most %d are read: shorten the reason", len(b), MaxRequest)
	}
	fields := map[string]*string{
		"namespace": &r.Namespace, "name": &r.Name, "revision": &r.Revision, "verdict": &r.Verdict, "reason": &r.Reason, "by": &r.By,
	}
	if err := decodeTexts(b, fields); err != nil {
		return VerdictRequest{}, err
	}
	r.Reason, r.By = Text(r.Reason, MaxReason), Text(r.By, MaxReason)
	if err := r.check(); err != nil {
		return VerdictRequest{}, err
	}
	return r, nil
}

// EncodeVerdict is the body of a request, checked as it is when it is read.
func EncodeVerdict(r VerdictRequest) ([]byte, error) {
	r.Reason, r.By = Text(r.Reason, MaxReason), Text(r.By, MaxReason)
	if err := r.check(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode verdict: %w", err)
	}
	return b, nil
}

// check reports everything that is wrong with a request.
func (r VerdictRequest) check() error {
	var errs []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	add(r.Namespace != "" && (len(r.Namespace) > 63 || !validName(r.Namespace)), "namespace %s: not the name of a Kubernetes namespace", quoted(r.Namespace))
	add(r.Name != "" && !validName(r.Name), "name %s: not the name of a Kubernetes object", quoted(r.Name))
	const revision = "name the pod-template-hash, the ReplicaSet or an image of the revision that is meant"
	add(r.Revision == "", "revision is missing: %s", revision)
	add(len(r.Revision) > maxField, "revision of %d bytes: at most %d: %s", len(r.Revision), maxField, revision)
	add(strings.ContainsFunc(r.Revision, func(c rune) bool { return c <= ' ' || c > '~' }), "revision %s: %s", quoted(r.Revision), revision)
	add(r.Verdict != Good && r.Verdict != Bad, "verdict %s: want %q or %q", quoted(r.Verdict), Good, Bad)
	add(strings.TrimSpace(r.Reason) == "", "reason is missing: say in a sentence what is known of the revision; it stands in the event")
	return errors.Join(errs...)
}

// decodeTexts reads a flat JSON object of texts: each key at most once, and
// none but those named.
func decodeTexts(b []byte, fields map[string]*string) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	const want = `want a JSON object, such as {"revision": "…", "verdict": "bad", "reason": "…"}`
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("body is no JSON object: %s", want)
	}
	var errs []error
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return fmt.Errorf("body is no JSON: %w: %s", err, want)
		}
		key, _ := t.(string)
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fmt.Errorf("body is no JSON: %w: %s", err, want)
		}
		field, known := fields[key]
		switch {
		case !known:
			errs = append(errs, fmt.Errorf("key %s is not known: there are namespace, name, revision, verdict, reason and by", quoted(key)))
		case seen[key]:
			errs = append(errs, fmt.Errorf("key %q is there twice: say it once", key))
		case raw[0] != '"' || json.Unmarshal(raw, field) != nil:
			errs = append(errs, fmt.Errorf("%s is %s: want a text in quotes", key, quoted(string(raw))))
		}
		seen[key] = known
		if len(errs) > maxFaults {
			return errors.Join(append(errs, errors.New("and more"))...)
		}
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("body is no JSON: %w: %s", err, want)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		errs = append(errs, errors.New("body goes on after the JSON object: send one object and nothing else"))
	}
	return errors.Join(errs...)
}

// maxFaults is how many faults of one body are told.
const maxFaults = 8

// quoted repeats a text of somebody else in an error.
func quoted(s string) string { return fmt.Sprintf("%q", Text(s, 64)) }

// Text is a text of somebody else as it may be shown: valid, without what
// could steer a terminal or turn the direction of writing, on one line, and at
// most limit bytes long. What was cut ends with an ellipsis.
func Text(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) <= limit {
		return s
	}
	n := max(limit-len(ellipsis), 0)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + ellipsis
}

// DecodeReply reads undog's answer. What answers at the subject may be
// something else, such as a stream that captures it.
func DecodeReply(b []byte) (VerdictReply, error) {
	var got struct {
		VerdictReply

		Said   *bool  `json:"accepted"`
		Stream string `json:"stream"`
	}
	err := json.Unmarshal(b, &got)
	switch {
	case err == nil && got.Said == nil && got.Stream != "":
		return VerdictReply{}, fmt.Errorf("what answers is stream %s, which captures the subject: take %s out of its subjects", quoted(got.Stream), AllRequests)
	case err != nil || got.Said == nil || got.Reason == "":
		return VerdictReply{}, fmt.Errorf("what answers is no undog: %s", quoted(string(b)))
	}
	got.Accepted = *got.Said
	return got.VerdictReply, nil
}
