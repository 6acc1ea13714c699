package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"
)

// MaxSize is the longest encoded event, in bytes. CloudEvents asks every
// intermediary to forward that much.
const MaxSize = 64 << 10

// maxDecode bounds what Decode looks at: a newer undog may send more.
const maxDecode = 1 << 20

const ellipsis = "…"

// Encode returns the event as JSON of at most MaxSize bytes. Evidence that
// does not fit is cut, the same for the same event, and Data.Cut says what is
// missing. The error is permanent: the event can never be encoded.
func Encode(e Event) ([]byte, error) {
	e.Time = e.Time.UTC()
	if err := e.check(); err != nil {
		return nil, Permanent(fmt.Errorf("encode event %q: %w", e.ID, err))
	}
	b, err := marshal(e)
	if err != nil {
		return nil, Permanent(fmt.Errorf("encode event %q: %w", e.ID, err))
	}
	if len(b) <= MaxSize {
		return b, nil
	}
	e.Data = e.Data.clone()
	for _, step := range cuts {
		step(&e.Data)
		if b, err = marshal(e); err != nil {
			return nil, Permanent(fmt.Errorf("encode event %q: %w", e.ID, err))
		}
		if len(b) <= MaxSize {
			return b, nil
		}
	}
	return nil, Permanent(fmt.Errorf("encode event %q: %d bytes after all evidence was cut, at most %d fit: its names are too long", e.ID, len(b), MaxSize))
}

// marshal does not escape <, > and &: images and messages stay readable.
func marshal(e Event) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// check finds what would make the event useless to a subscriber.
func (e Event) check() error {
	var errs []error
	if e.SpecVersion != SpecVersion {
		errs = append(errs, fmt.Errorf("specversion %q: want %q", e.SpecVersion, SpecVersion))
	}
	if e.ID == "" {
		errs = append(errs, errors.New("id is empty"))
	}
	if e.Source == "" {
		errs = append(errs, errors.New("source is empty"))
	}
	if e.Time.IsZero() {
		errs = append(errs, errors.New("time is zero"))
	}
	if _, _, err := e.Kind(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// cuts are tried in order until the event fits. What people need most goes last.
var cuts = []func(*Data){
	func(d *Data) { d.shortenCaptured(512); d.keepCaptured(8, 40) },
	func(d *Data) { d.keepChecks(32, 2); d.shortenChecks(512) },
	func(d *Data) { d.shortenChanges(256) },
	func(d *Data) { d.shortenFailures(1024) },
	func(d *Data) { d.keep(64, 64, 64); d.keepChecks(16, 0) },
	func(d *Data) { d.shortenChanges(64); d.shortenFailures(256); d.shortenChecks(256) },
	func(d *Data) { d.keep(16, 32, 32); d.keepChecks(8, 0); d.keepCaptured(4, 10) },
	func(d *Data) { d.shorten(&d.Message, 4096); d.shorten(&d.Reason, 256) },
	func(d *Data) { d.keep(8, 16, 16); d.keepChecks(4, 0); d.shortenImages(512) },
	func(d *Data) { d.keep(1, 0, 4); d.keepChecks(1, 0); d.keepCaptured(0, 0); d.shorten(&d.Message, 1024) },
	func(d *Data) { d.keep(0, 0, 0); d.keepChecks(0, 0); d.shortenChecks(64); d.shortenAuthor(64) },
}

// clone copies what the cuts change: the caller's event stays as it is.
func (d Data) clone() Data {
	d.Failures = slices.Clone(d.Failures)
	for i := range d.Failures {
		d.Failures[i].Samples = slices.Clone(d.Failures[i].Samples)
	}
	d.Changes = slices.Clone(d.Changes)
	d.Checks = cloneChecks(d.Checks)
	d.Captured = cloneCaptured(d.Captured)
	if d.Reported != nil {
		reported := *d.Reported
		d.Reported = &reported
	}
	if d.By != nil {
		by := *d.By
		d.By = &by
	}
	d.Revision.Images = slices.Clone(d.Revision.Images)
	d.Target.Images = slices.Clone(d.Target.Images)
	var c Cut
	if d.Cut != nil {
		c = *d.Cut
	}
	d.Cut = &c
	return d
}

func (d *Data) shortenChanges(limit int) {
	for i := range d.Changes {
		c := &d.Changes[i]
		d.shorten(&c.Path, limit)
		d.shorten(&c.From, limit)
		d.shorten(&c.To, limit)
	}
}

func (d *Data) shortenFailures(limit int) {
	for i := range d.Failures {
		f := &d.Failures[i]
		d.shorten(&f.Message, limit)
		d.shorten(&f.Reason, limit)
		d.shorten(&f.Container, limit)
		for j := range f.Samples {
			d.shorten(&f.Samples[j], limit)
		}
	}
}

func (d *Data) shortenAuthor(limit int) {
	if d.By != nil {
		d.shorten(&d.By.FieldManager, limit)
		d.shorten(&d.By.Tool, limit)
	}
}

func (d *Data) shortenImages(limit int) {
	for _, images := range [][]string{d.Revision.Images, d.Target.Images} {
		for i := range images {
			d.shorten(&images[i], limit)
		}
	}
}

// keep leaves out all entries after the first so many.
func (d *Data) keep(failures, changes, images int) {
	if n := len(d.Failures) - failures; n > 0 {
		d.Failures, d.Cut.Failures = d.Failures[:failures], d.Cut.Failures+n
	}
	if n := len(d.Changes) - changes; n > 0 {
		d.Changes, d.Cut.Changes = d.Changes[:changes], d.Cut.Changes+n
	}
	for _, list := range []*[]string{&d.Revision.Images, &d.Target.Images} {
		if n := len(*list) - images; n > 0 {
			*list, d.Cut.Images = (*list)[:images], d.Cut.Images+n
		}
	}
}

// shorten cuts a text between two characters, never within one.
func (d *Data) shorten(s *string, limit int) {
	if len(*s) <= limit {
		return
	}
	n := limit - len(ellipsis)
	for n > 0 && !utf8.RuneStart((*s)[n]) {
		n--
	}
	*s = (*s)[:n] + ellipsis
	d.Cut.Texts++
}

// Decode reads an event of any undog that speaks v1. Fields that this version
// does not know are ignored, as subscribers must.
func Decode(b []byte) (Event, error) {
	var e Event
	if len(b) > maxDecode {
		return e, fmt.Errorf("decode event: %d bytes, at most %d are read", len(b), maxDecode)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&e); err != nil {
		return Event{}, fmt.Errorf("decode event: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Event{}, errors.New("decode event: there is more after the event")
	}
	if err := e.check(); err != nil {
		return Event{}, fmt.Errorf("decode event %q: %w", e.ID, err)
	}
	e.Time = e.Time.Round(0).In(time.UTC)
	return e, nil
}
