package freeze

import (
	"slices"
	"time"
)

// Window is one freeze window: either of the week (Days, From, To) or, if Dated,
// of the calendar (Start, End).
type Window struct {
	// Name is for people.
	Name string
	Zone *time.Location
	// Days are those on which a window of the week begins; none is all.
	Days []time.Weekday
	// From and To are when it begins and ends. A To that is not after From is
	// meant for the next day, so that equal ones are a whole day.
	From, To Clock
	Dated    bool
	// Start and End are the first and the last day, or the times on them.
	Start, End Date
}

// Span is one occurrence of a window: Start belongs to it and End does not.
type Span struct{ Start, End time.Time }

func (s Span) holds(t time.Time) bool { return !t.Before(s.Start) && t.Before(s.End) }

// farthest is how many days ahead an occurrence is looked for: one that falls
// on a single day of the week may be skipped once by a clock put forward.
const farthest = 15

// At is the occurrence that holds t or else the next one; false when there is
// none any more.
func (w Window) At(t time.Time) (Span, bool) {
	if w.Dated {
		s := w.calendar()
		return s, t.Before(s.End) && s.Start.Before(s.End)
	}
	local := t.In(w.zone())
	year, month, day := local.Date()
	for i := -2; i <= farthest; i++ {
		// Noon exists on every day but those that a country skipped altogether.
		date := time.Date(year, month, day+i, 12, 0, 0, 0, time.UTC)
		if s, ok := w.on(date); ok && t.Before(s.End) {
			return s, true
		}
	}
	return Span{}, false
}

// on is the occurrence that begins on a day, if one does.
func (w Window) on(date time.Time) (Span, bool) {
	if !w.begins(date.Weekday()) {
		return Span{}, false
	}
	end := date
	if w.To <= w.From {
		end = date.AddDate(0, 0, 1)
	}
	s := Span{instant(date, w.From, w.zone(), false), instant(end, w.To, w.zone(), true)}
	return s, s.Start.Before(s.End)
}

func (w Window) begins(day time.Weekday) bool {
	return len(w.Days) == 0 || slices.Contains(w.Days, day)
}

// calendar is the one occurrence of a dated window. A last day without a time
// is part of it.
func (w Window) calendar() Span {
	end := w.End.Clock
	if !w.End.Timed {
		end = midnight
	}
	return Span{instant(w.Start.noon(), w.Start.Clock, w.zone(), false), instant(w.End.noon(), end, w.zone(), true)}
}

func (d Date) noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

func (w Window) zone() *time.Location {
	if w.Zone == nil {
		return time.UTC
	}
	return w.Zone
}

// instant is when a clock on the wall shows a time. Of a time that it shows
// twice it is the first, or the last if asked; of one that it skips it is the
// moment at which it is put forward.
func instant(date time.Time, at Clock, zone *time.Location, last bool) time.Time {
	wall := time.Date(date.Year(), date.Month(), date.Day(), 0, int(at), 0, 0, time.UTC)
	// Offsets lie between -12 and +14 hours, and half a day apart at most.
	before, after := offset(wall.Add(-26*time.Hour), zone), offset(wall.Add(26*time.Hour), zone)
	first, second := wall.Add(-before), wall.Add(-after)
	if second.Before(first) {
		first, second = second, first
	}
	shownFirst, shownSecond := shows(first, wall, zone), shows(second, wall, zone)
	switch {
	case shownFirst && shownSecond && last:
		return second.In(zone)
	case shownFirst:
		return first.In(zone)
	case shownSecond:
		return second.In(zone)
	}
	// Read with the offset before the change, a skipped time lies after it.
	change, _ := wall.Add(-before).In(zone).ZoneBounds()
	return change
}

// offset is how far a zone is ahead of UTC at a moment.
func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// shows tells whether a clock on the wall shows a time at a moment.
func shows(t, wall time.Time, zone *time.Location) bool {
	return t.Add(offset(t, zone)).Equal(wall)
}
