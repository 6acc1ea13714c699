package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// TestContactIsToldOnce lets a watch break for a moment, then for long.
func TestContactIsToldOnce(t *testing.T) {
	var lost time.Time
	var log bytes.Buffer
	l := &loop{
		engine: policy.New(policy.Settings{}), metrics: newMetrics("test"), log: slog.New(slog.NewTextHandler(&log, nil)),
		lost: func(time.Time) time.Time { return lost },
	}
	now := time.Date(2026, 3, 2, 10, 2, 0, 0, time.UTC)
	check := func(after time.Duration) { l.checkContact(now.Add(after), time.Time{}) }
	check(0)
	lost = now
	check(contactGrace - 1)
	lost = time.Time{}
	check(contactGrace)
	if log.Len() > 0 {
		t.Errorf("a short break was told:\n%s", &log)
	}
	lost = now
	for range 3 {
		check(contactGrace)
	}
	if !l.contact.Equal(now) || strings.Count(log.String(), "is lost") != 1 {
		t.Errorf("told %v, log:\n%s\nwant one warning", l.contact, &log)
	}
	lost = time.Time{}
	for range 3 {
		check(time.Minute)
	}
	if !l.contact.IsZero() || strings.Count(log.String(), "is back") != 1 {
		t.Errorf("told %v, log:\n%s\nwant one line that it is back", l.contact, &log)
	}
}
