package freeze

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // An image made from scratch has no time zones.
)

// Clock is a time of day in minutes since midnight.
type Clock int

// midnight is the end of a day: 24:00.
const midnight Clock = 24 * 60

var clockText = regexp.MustCompile(`^([0-9]{2}):([0-9]{2})$`)

// ParseClock reads a time of day such as 06:00; 24:00 is the end of the day.
func ParseClock(text string) (Clock, error) {
	m := clockText.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%s is not a time of day; write hours and minutes, such as \"06:00\" or \"22:30\"", strconv.Quote(text))
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	c := Clock(60*hour + minute)
	if minute > 59 || c > midnight {
		return 0, fmt.Errorf("%s does not exist; a day goes from 00:00 to 24:00", strconv.Quote(text))
	}
	return c, nil
}

// String writes the time as it is read.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// Days are the names of the days of the week, from Sunday on as time.Weekday.
var Days = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// Date is a day of the calendar with or without a time of day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
	// Clock is meant only if Timed.
	Clock Clock
	Timed bool
}

// ParseDate reads 2026-12-20, 2026-12-20 18:00 or 2026-12-20T18:00.
func ParseDate(text string) (Date, error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", "2006-01-02T15:04", time.DateTime, "2006-01-02T15:04:05"} {
		t, err := time.Parse(layout, text)
		if err != nil || t.Second() != 0 {
			continue
		}
		return Date{t.Year(), t.Month(), t.Day(), Clock(60*t.Hour() + t.Minute()), layout != time.DateOnly}, nil
	}
	return Date{}, fmt.Errorf("%s is not a date; write it as 2026-12-20 or, with a time, \"2026-12-20 18:00\"; the zone goes into timezone", strconv.Quote(text))
}

// ParseZone finds a time zone by its IANA name; "" is UTC.
func ParseZone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, fmt.Errorf("%q is another zone on every machine; write an IANA name such as Europe/Berlin, or UTC", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%s is not a time zone; write an IANA name such as Europe/Berlin, or UTC", strconv.Quote(name))
	}
	return zone, nil
}

// Text is a window as people write it.
type Text struct {
	Name, Timezone string
	Days           []string
	From, To       string
	Start, End     string
}

// Parse makes a window of its text.
func Parse(t Text) (Window, error) {
	zone, err := ParseZone(t.Timezone)
	if err != nil {
		return Window{}, fmt.Errorf("timezone: %w", err)
	}
	w := Window{Name: t.Name, Zone: zone, Dated: t.Start != "" || t.End != ""}
	weekly := len(t.Days) > 0 || t.From != "" || t.To != ""
	switch {
	case w.Dated && weekly:
		return Window{}, errors.New("has times of the week (days, from, to) and of the calendar (start, end); make two windows of it")
	case w.Dated:
		return w.dates(t)
	case weekly:
		return w.week(t)
	}
	return Window{}, errors.New("says no time; write days, from and to, or start and end; for every day, the whole day, days: [" + strings.Join(Days, ", ") + "]")
}

func (w Window) dates(t Text) (Window, error) {
	var err error
	switch {
	case t.Start == "":
		return Window{}, errors.New("has an end and no start; write start: with the first day")
	case t.End == "":
		return Window{}, errors.New("has a start and no end; write end: with the last day")
	}
	if w.Start, err = ParseDate(t.Start); err != nil {
		return Window{}, fmt.Errorf("start: %w", err)
	}
	if w.End, err = ParseDate(t.End); err != nil {
		return Window{}, fmt.Errorf("end: %w", err)
	}
	if s := w.calendar(); !s.Start.Before(s.End) {
		return Window{}, fmt.Errorf("ends (%s) before it starts (%s); exchange them or correct the year", t.End, t.Start)
	}
	return w, nil
}

func (w Window) week(t Text) (Window, error) {
	for _, name := range t.Days {
		day := slices.Index(Days, name)
		if day < 0 {
			return Window{}, fmt.Errorf("days: %s is not a day; write %s", strconv.Quote(name), strings.Join(Days, ", "))
		}
		w.Days = append(w.Days, time.Weekday(day))
	}
	var err error
	switch {
	case t.From == "" && t.To == "":
		w.To = midnight
		return w, nil
	case t.From == "":
		return Window{}, errors.New("has a to and no from; write from: with the time at which it begins")
	case t.To == "":
		return Window{}, errors.New("has a from and no to; write to: with the time at which it ends, the same for a whole day")
	}
	if w.From, err = ParseClock(t.From); err != nil {
		return Window{}, fmt.Errorf("from: %w", err)
	}
	if w.To, err = ParseClock(t.To); err != nil {
		return Window{}, fmt.Errorf("to: %w", err)
	}
	if w.From == midnight {
		return Window{}, errors.New("begins at 24:00; write from: \"00:00\" and the next day")
	}
	return w, nil
}
