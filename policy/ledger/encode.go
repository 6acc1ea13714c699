package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/undog-dev/undog/policy"
)

// MaxRecord is the longest encoded record, in bytes.
const MaxRecord = 4 << 10

// fit is how much of a record is kept.
type fit struct {
	text, failures, changes, vetoes, images, digests int
	// differences and excerpt are of each check.
	checks, differences, excerpt int
}

// fits are tried in order until the record is small enough. The last one
// always is: what remains are identifiers that Kubernetes bounds.
var fits = []fit{
	{
		text: 1024, failures: policy.MaxFailures, changes: 64, vetoes: 16, images: 16, digests: policy.MaxDigests,
		checks: 16, differences: policy.MaxDifferences, excerpt: policy.MaxExcerpt,
	},
	{text: 1024, failures: policy.MaxFailures, changes: 64, vetoes: 16, images: 16, digests: policy.MaxDigests, checks: 16},
	{text: 256, failures: 8, changes: 16, vetoes: 12, images: 8, digests: 8, checks: 8},
	{text: 128, failures: 4, changes: 8, vetoes: 8, images: 4, digests: 4, checks: 4},
	{text: 96, failures: 2, changes: 4, vetoes: 4, images: 2, digests: 4, checks: 2},
	{text: 64, failures: 1, changes: 1, vetoes: 1, images: 1, digests: 2, checks: 1},
	{text: 32},
}

// Encode is the record as JSON of at most MaxRecord bytes. What does not fit
// is cut: what checks saw beside their results first, then long texts, then the
// last failures, checks, changes, vetoes, images and digests. The same record is
// always cut the same way.
func Encode(rec policy.Record) ([]byte, error) {
	if err := check(rec); err != nil {
		return nil, fmt.Errorf("encode record: %w", err)
	}
	for _, f := range fits {
		raw, err := marshal(cut(rec, f))
		if err != nil {
			return nil, fmt.Errorf("encode record of revision %s: %w", rec.Revision.UID, err)
		}
		if len(raw) <= MaxRecord {
			return raw, nil
		}
	}
	return nil, fmt.Errorf("encode record of revision %s: its identifiers alone exceed %d bytes", rec.Revision.UID, MaxRecord)
}

// marshal does not escape <, > and &, which would make messages longer.
func marshal(rec policy.Record) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(rec); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// cut shares nothing that it changes with rec.
func cut(rec policy.Record, f fit) policy.Record {
	rec.Captured = nil // It has an annotation of its own.
	rec.Message = printable(rec.Message, f.text)
	rec.Reason = printable(rec.Reason, maxIdentifier)
	rec.Policy = printable(rec.Policy, maxIdentifier)
	rec.Revision = cutRef(rec.Revision, f)
	rec.Target = cutRef(rec.Target, f)
	rec.Refused = cutNote(rec.Refused, f)
	rec.Contested = cutNote(rec.Contested, f)
	rec.Withdrawn = cutNote(rec.Withdrawn, f)
	rec.Failures = first(rec.Failures, f.failures)
	for i, failure := range rec.Failures {
		rec.Failures[i] = cutFailure(failure, f)
	}
	rec.Changes = first(rec.Changes, f.changes)
	for i, c := range rec.Changes {
		rec.Changes[i] = policy.Change{
			Path: printable(c.Path, f.text),
			From: printable(c.From, f.text),
			To:   printable(c.To, f.text),
		}
	}
	rec.Vetoes = first(rec.Vetoes, f.vetoes)
	for i, v := range rec.Vetoes {
		rec.Vetoes[i] = policy.Considered{Reason: printable(v.Reason, maxIdentifier), Message: printable(v.Message, f.text)}
	}
	rec.Checks = first(rec.Checks, f.checks)
	for i, c := range rec.Checks {
		rec.Checks[i] = cutCheck(c, f)
	}
	rec.Reported = cutReported(rec.Reported, f)
	rec.By = cutAuthor(rec.By, f)
	rec.Digests = first(rec.Digests, f.digests)
	for i, d := range rec.Digests {
		rec.Digests[i] = policy.Digest{Container: printable(d.Container, maxIdentifier), Digest: printable(d.Digest, maxIdentifier)}
	}
	return rec
}

func cutFailure(failure policy.Failure, f fit) policy.Failure {
	failure.Reason = printable(failure.Reason, maxIdentifier)
	failure.Container = printable(failure.Container, maxIdentifier)
	failure.Message = printable(failure.Message, min(f.text, policy.MaxMessage))
	failure.Samples = first(failure.Samples, policy.MaxSamples)
	for i, pod := range failure.Samples {
		failure.Samples[i] = printable(pod, maxIdentifier)
	}
	return failure
}

func cutCheck(c policy.CheckEvidence, f fit) policy.CheckEvidence {
	c.Check = printable(c.Check, maxIdentifier)
	c.Reason = printable(c.Reason, maxIdentifier)
	c.Step = printable(c.Step, min(f.text, policy.MaxMessage))
	c.Message = printable(c.Message, min(f.text, policy.MaxMessage))
	c.Excerpt = printable(c.Excerpt, f.excerpt)
	c.Pods = first(c.Pods, policy.MaxSamples)
	for i, pod := range c.Pods {
		c.Pods[i] = printable(pod, maxIdentifier)
	}
	c.Differences = first(c.Differences, f.differences)
	for i, d := range c.Differences {
		c.Differences[i] = policy.Difference{
			Kind: printable(d.Kind, maxIdentifier), Where: printable(d.Where, policy.MaxExcerpt),
			Old: printable(d.Old, policy.MaxExcerpt), New: printable(d.New, policy.MaxExcerpt),
		}
	}
	return c
}

func cutReported(r *policy.Reported, f fit) *policy.Reported {
	if r == nil {
		return nil
	}
	return &policy.Reported{
		At: r.At, Good: r.Good,
		Reason: printable(r.Reason, min(f.text, policy.MaxMessage)), By: printable(r.By, min(f.text, policy.MaxMessage)),
	}
}

func cutAuthor(a *policy.Author, f fit) *policy.Author {
	if a == nil {
		return nil
	}
	return &policy.Author{
		FieldManager: printable(a.FieldManager, min(f.text, 128)), Tool: printable(a.Tool, 32),
		Owner: printable(a.Owner, min(f.text, 128)), ScaledBy: printable(a.ScaledBy, 64), At: a.At,
	}
}

func cutRef(ref policy.RevisionRef, f fit) policy.RevisionRef {
	ref.Images = first(ref.Images, f.images)
	for i, image := range ref.Images {
		ref.Images[i] = printable(image, f.text)
	}
	return ref
}

func cutNote(note *policy.Note, f fit) *policy.Note {
	if note == nil {
		return nil
	}
	return &policy.Note{
		At:      note.At,
		Reason:  printable(note.Reason, maxIdentifier),
		Message: printable(note.Message, f.text),
	}
}

// first is a copy of the first n items, nil if there is none.
func first[T any](items []T, n int) []T {
	if len(items) > n {
		items = items[:n]
	}
	if len(items) == 0 {
		return nil
	}
	return slices.Clone(items)
}
