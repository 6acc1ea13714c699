package main

import (
	"strings"
	"testing"

	"github.com/undog-dev/undog/config"
)

// What config check says of the end of a window is what explain says of it.
func TestFrozenUntil(t *testing.T) {
	for name, tt := range map[string]struct {
		window config.Window
		want   string
	}{
		"one night":     {config.Window{Name: "n", From: "08:00", To: "18:00"}, "now, until Wed 2026-03-04 18:00 UTC"},
		"days in a row": {config.Window{Name: "n", Days: []string{"Wed", "Thu", "Fri"}}, "now, until Sat 2026-03-07 00:00 UTC"},
		"always":        {config.Window{Name: "n", From: "08:00", To: "08:00"}, "now, and never over (explain looks as far as "},
		"dated":         {config.Window{Name: "n", Start: "2026-03-01", End: "2026-06-30"}, "now, until Wed 2026-07-01 00:00 UTC"},
	} {
		lines, _ := frozen(config.Policy{Freeze: []config.Window{tt.window}}, fixed())
		if len(lines) != 1 || !strings.Contains(lines[0], tt.want) {
			t.Errorf("%s: %q, want %q", name, lines, tt.want)
		}
	}
}
