package freeze

import (
	"testing"
	"time"
)

func parse(t *testing.T, text Text) Window {
	t.Helper()
	w, err := Parse(text)
	if err != nil {
		t.Fatalf("%+v: %v", text, err)
	}
	return w
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	got, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Each window is asked at a moment: the occurrence that holds it or comes next.
func TestAt(t *testing.T) {
	const berlin = "Europe/Berlin"
	night := Text{From: "22:00", To: "06:00", Timezone: berlin}
	for name, tt := range map[string]struct {
		text            Text
		at, start, stop string
	}{
		"a night, before":             {night, "2026-01-10T12:00:00Z", "2026-01-10T21:00:00Z", "2026-01-11T05:00:00Z"},
		"a night, at its start":       {night, "2026-01-10T21:00:00Z", "2026-01-10T21:00:00Z", "2026-01-11T05:00:00Z"},
		"a night, past midnight":      {night, "2026-01-11T04:59:59Z", "2026-01-10T21:00:00Z", "2026-01-11T05:00:00Z"},
		"a night, at its end":         {night, "2026-01-11T05:00:00Z", "2026-01-11T21:00:00Z", "2026-01-12T05:00:00Z"},
		"a night in summer":           {night, "2026-07-10T12:00:00Z", "2026-07-10T20:00:00Z", "2026-07-11T04:00:00Z"},
		"the short night of spring":   {night, "2026-03-28T23:00:00Z", "2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z"},
		"the long night of autumn":    {night, "2026-10-25T00:00:00Z", "2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z"},
		"it starts in the gap":        {Text{From: "02:30", To: "05:00", Timezone: berlin}, "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"},
		"it ends in the gap":          {Text{From: "01:00", To: "02:30", Timezone: berlin}, "2026-03-29T00:30:00Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"},
		"it lies in the gap":          {Text{From: "02:10", To: "02:50", Timezone: berlin}, "2026-03-29T00:30:00Z", "2026-03-30T00:10:00Z", "2026-03-30T00:50:00Z"},
		"only Sundays, in the gap":    {Text{Days: []string{"Sun"}, From: "02:10", To: "02:50", Timezone: berlin}, "2026-03-29T00:30:00Z", "2026-04-05T00:10:00Z", "2026-04-05T00:50:00Z"},
		"it starts in the repeat":     {Text{From: "02:30", To: "04:00", Timezone: berlin}, "2026-10-25T01:10:00Z", "2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z"},
		"it ends in the repeat":       {Text{From: "01:00", To: "02:30", Timezone: berlin}, "2026-10-25T01:10:00Z", "2026-10-24T23:00:00Z", "2026-10-25T01:30:00Z"},
		"it is the repeat":            {Text{From: "02:00", To: "03:00", Timezone: berlin}, "2026-10-25T01:59:59Z", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"},
		"it starts after the repeat":  {Text{From: "03:00", To: "04:00", Timezone: berlin}, "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z"},
		"a day of 23 hours":           {Text{Days: []string{"Sun"}, Timezone: berlin}, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		"a day of 25 hours":           {Text{Days: []string{"Sun"}, Timezone: berlin}, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		"half an hour, southern":      {Text{From: "22:00", To: "06:00", Timezone: "Australia/Lord_Howe"}, "2026-04-04T12:00:00Z", "2026-04-04T11:00:00Z", "2026-04-04T19:30:00Z"},
		"midnight is skipped":         {Text{From: "00:00", To: "06:00", Timezone: "Africa/Cairo"}, "2026-04-23T21:30:00Z", "2026-04-23T22:00:00Z", "2026-04-24T03:00:00Z"},
		"midnight is repeated":        {Text{From: "00:00", To: "06:00", Timezone: "Asia/Beirut"}, "2026-10-24T20:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T04:00:00Z"},
		"a day that never was":        {Text{Days: []string{"Fri"}, Timezone: "Pacific/Apia"}, "2011-12-29T12:00:00Z", "2012-01-05T10:00:00Z", "2012-01-06T10:00:00Z"},
		"far east of UTC":             {Text{Days: []string{"Mon"}, From: "08:00", To: "09:00", Timezone: "Pacific/Kiritimati"}, "2026-01-04T00:00:00Z", "2026-01-04T18:00:00Z", "2026-01-04T19:00:00Z"},
		"far west of UTC":             {Text{Days: []string{"Mon"}, From: "20:00", To: "02:00", Timezone: "Pacific/Pago_Pago"}, "2026-01-06T12:59:00Z", "2026-01-06T07:00:00Z", "2026-01-06T13:00:00Z"},
		"days name the start":         {Text{Days: []string{"Fri"}, From: "22:00", To: "06:00"}, "2026-01-09T03:00:00Z", "2026-01-09T22:00:00Z", "2026-01-10T06:00:00Z"},
		"equal times are a whole day": {Text{Days: []string{"Fri"}, From: "08:00", To: "08:00"}, "2026-01-10T07:00:00Z", "2026-01-09T08:00:00Z", "2026-01-10T08:00:00Z"},
		"to the end of the day":       {Text{From: "22:00", To: "24:00"}, "2026-01-09T23:00:00Z", "2026-01-09T22:00:00Z", "2026-01-10T00:00:00Z"},
		"to midnight":                 {Text{From: "22:00", To: "00:00"}, "2026-01-09T23:00:00Z", "2026-01-09T22:00:00Z", "2026-01-10T00:00:00Z"},
		"dates, the last day counts":  {Text{Start: "2026-12-20", End: "2027-01-02", Timezone: berlin}, "2027-01-02T22:59:59Z", "2026-12-19T23:00:00Z", "2027-01-02T23:00:00Z"},
		"dates with times":            {Text{Start: "2026-12-20 18:00", End: "2026-12-21T06:30"}, "2026-01-01T00:00:00Z", "2026-12-20T18:00:00Z", "2026-12-21T06:30:00Z"},
		"one day":                     {Text{Start: "2026-10-25", End: "2026-10-25", Timezone: berlin}, "2026-10-25T00:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
	} {
		got, ok := parse(t, tt.text).At(at(t, tt.at))
		if !ok || !got.Start.Equal(at(t, tt.start)) || !got.End.Equal(at(t, tt.stop)) {
			t.Errorf("%s: %v to %v (%v), want %s to %s", name, got.Start.UTC(), got.End.UTC(), ok, tt.start, tt.stop)
		}
	}
	if _, ok := parse(t, Text{Start: "2026-01-01", End: "2026-01-01"}).At(at(t, "2026-01-02T00:00:00Z")); ok {
		t.Error("a window that is over has another occurrence")
	}
}

// A naive second opinion, for every quarter of an hour of the days around both
// changes of the clock: frozen is what a clock on the wall shows between the
// two times. It may only differ on the side of being frozen, and only within
// the hour that is shown twice.
func TestAgainstTheWall(t *testing.T) {
	zone, err := ParseZone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []string{"2026-03-07T00:00:00Z", "2026-10-31T00:00:00Z", "2026-06-01T00:00:00Z"} {
		for from := Clock(0); from < midnight; from += 45 {
			for _, long := range []Clock{15, 60, 480, 1440} {
				to := (from + long) % midnight
				w := Window{Zone: zone, From: from, To: to}
				for m := range 3 * 24 * 4 {
					now := at(t, day).Add(time.Duration(m) * 15 * time.Minute)
					s, ok := w.At(now)
					if !ok {
						t.Fatalf("%v has no next occurrence", w)
					}
					if frozen := s.holds(now); frozen != onTheWall(w, now) && (!frozen || !repeated(now, zone)) {
						t.Fatalf("%v at %v: %v, occurrence %v to %v", w, now.In(zone), frozen, s.Start, s.End)
					}
				}
			}
		}
	}
}

func onTheWall(w Window, t time.Time) bool {
	local := t.In(w.Zone)
	now := Clock(60*local.Hour() + local.Minute())
	if w.From < w.To {
		return w.From <= now && now < w.To
	}
	return now >= w.From || now < w.To
}

// repeated tells whether a clock on the wall shows this time twice.
func repeated(t time.Time, zone *time.Location) bool {
	wall := t.In(zone).Format(time.DateTime)
	return t.Add(time.Hour).In(zone).Format(time.DateTime) == wall || t.Add(-time.Hour).In(zone).Format(time.DateTime) == wall
}

func TestString(t *testing.T) {
	for want, text := range map[string]Text{
		"Fri Sat, 22:00 to 06:00 the next day, Europe/Berlin": {Days: []string{"Fri", "Sat"}, From: "22:00", To: "06:00", Timezone: "Europe/Berlin"},
		"every day, 08:00 to 09:30, UTC":                      {From: "08:00", To: "09:30"},
		"Sun, the whole day, UTC":                             {Days: []string{"Sun"}},
		"Mon, the whole day, UTC":                             {Days: []string{"Mon"}, From: "00:00", To: "00:00"},
		"2026-12-20 to 2027-01-02 inclusive, UTC":             {Start: "2026-12-20", End: "2027-01-02"},
		"2026-12-20 18:00 to 2027-01-02 06:00, UTC":           {Start: "2026-12-20 18:00", End: "2027-01-02 06:00"},
	} {
		if got := parse(t, text).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []Text{
		{},
		{From: "22:00"},
		{To: "22:00"},
		{From: "24:00", To: "01:00"},
		{From: "1", To: "01:00"},
		{From: "01:00", To: "1"},
		{Days: []string{"Mo"}},
		{Days: []string{"Mon"}, Start: "2026-01-01"},
		{Start: "2026-01-01"},
		{End: "2026-01-01"},
		{Start: "2026-01-02", End: "2026-01-01"},
		{Start: "x", End: "2026-01-01"},
		{Start: "2026-01-01", End: "x"},
		{From: "01:00", To: "02:00", Timezone: "Mars/Olympus"},
		{From: "01:00", To: "02:00", Timezone: "Local"},
	} {
		if w, err := Parse(text); err == nil {
			t.Errorf("%+v was accepted as %v", text, w)
		}
	}
}
