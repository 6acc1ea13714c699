package soak

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Report is a soak as it is written down.
type Report struct {
	// Lasted is how long it was, Text what was done meanwhile, in Markdown.
	Lasted time.Duration
	Text   string
	Series []*Series
}

// Write makes soak.md and soak.svg in the folder.
func (r *Report) Write(dir string) error {
	for name, text := range map[string]string{"soak.md": r.page(), "soak.svg": draw(r.Series)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("write the report of a soak: %w", err)
		}
	}
	return nil
}

func (r *Report) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Soak

Does undog keep its size? `+"`make soak`"+` runs the real program against a real API server
for an hour (`+"`DURATION=20m`"+` for less) and writes this page; two minutes of it are part of
`+"`make integration`"+`.

%s

This run lasted %s. Judged is the second half: the growth is the Theil–Sen slope, the
median of the slopes between all pairs of samples, over that half.

| what | level (median) | growth over the second half | allowed |
|---|--:|--:|--:|
`, r.Text, r.Lasted.Round(time.Second))
	for _, s := range r.Series {
		level, growth := s.Trend()
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.Name, s.amount(level), s.amount(growth), s.amount(s.allowed(level)))
	}
	b.WriteString("\n![what undog took over the time of the soak](soak.svg)\n")
	return b.String()
}

// amount is a number with its unit, for people.
func (s *Series) amount(v float64) string {
	if s.Unit == "" {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f %s", v, s.Unit)
}
