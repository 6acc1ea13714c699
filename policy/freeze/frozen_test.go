package freeze

import (
	"testing"
	"time"
)

func TestFrozen(t *testing.T) {
	if Frozen(nil) != nil {
		t.Error("without windows there is something to ask")
	}
	ask := Frozen([]Window{
		parse(t, Text{Name: "nights", From: "22:00", To: "06:00"}),
		parse(t, Text{Name: "weekend", Days: []string{"Sat", "Sun"}}),
		parse(t, Text{Name: "early", Days: []string{"Mon"}, From: "05:00", To: "07:00"}),
		parse(t, Text{Name: "later", Days: []string{"Mon"}, From: "07:00", To: "08:00"}),
		parse(t, Text{Name: "over", Start: "2025-01-01", End: "2025-01-01"}),
	})
	for name, tt := range map[string]struct{ at, name, until string }{
		"free":                               {"2026-01-08T12:00:00Z", "", ""},
		"just before":                        {"2026-01-08T21:59:59Z", "", ""},
		"a night":                            {"2026-01-08T22:00:00Z", "nights", "2026-01-09T06:00:00Z"},
		"a night before a weekend":           {"2026-01-09T23:00:00Z", "nights", "2026-01-12T08:00:00Z"},
		"a weekend, the night and what else": {"2026-01-10T12:00:00Z", "weekend", "2026-01-12T08:00:00Z"},
		"the first of the list names it":     {"2026-01-12T05:30:00Z", "nights", "2026-01-12T08:00:00Z"},
		"the end does not belong to it":      {"2026-01-12T08:00:00Z", "", ""},
	} {
		for range 2 { // It remembers nothing.
			got, until, frozen := ask(at(t, tt.at))
			if got != tt.name || frozen != (tt.name != "") || frozen && !until.Equal(at(t, tt.until)) || !frozen && !until.IsZero() {
				t.Errorf("%s: %q until %v (%v), want %q until %s", name, got, until, frozen, tt.name, tt.until)
			}
		}
	}
}

// Windows without a gap between them never end: the answer is a time to ask
// again, which comes ever later.
func TestFrozenForEver(t *testing.T) {
	ask := Frozen([]Window{parse(t, Text{Name: "always", From: "08:00", To: "08:00", Timezone: "Europe/Berlin"})})
	now := at(t, "2026-01-01T00:00:00Z")
	for range 40 {
		_, until, frozen := ask(now)
		if !frozen || !until.After(now.Add(24*time.Hour)) {
			t.Fatalf("at %v frozen %v until %v", now, frozen, until)
		}
		now = until
	}
}

func BenchmarkFrozen(b *testing.B) {
	zone, err := ParseZone("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	ask := Frozen([]Window{{Zone: zone, From: 22 * 60, To: 6 * 60}, {Zone: zone, Days: []time.Weekday{time.Saturday}, To: midnight}})
	now := time.Date(2026, 1, 7, 12, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		ask(now)
	}
}
