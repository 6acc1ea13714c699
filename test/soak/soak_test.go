package soak_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/test/soak"
)

// series makes one of two minutes with noise, peaks, and a growth per second.
func series(name string, level, perSecond float64) *soak.Series {
	random := rand.New(rand.NewPCG(1, 2))
	s := &soak.Series{Name: name, Unit: "MB", Share: 0.1}
	for i := range 120 {
		v := level + perSecond*float64(i) + level*0.04*random.Float64()
		if i < 30 {
			v *= float64(i) / 30
		}
		if i%17 == 0 {
			v *= 2
		}
		s.Points = append(s.Points, soak.Point{After: time.Duration(i) * time.Second, Value: v})
	}
	return s
}

func TestCheck(t *testing.T) {
	if err := series("flat", 60, 0).Check(); err != nil {
		t.Errorf("noise, peaks and a start from nothing: %v", err)
	}
	if err := series("falling", 60, -0.2).Check(); err != nil {
		t.Errorf("a fall: %v", err)
	}
	leak := series("leak", 60, 0.25)
	if err := leak.Check(); err == nil || !strings.Contains(err.Error(), "leak grew by") {
		t.Errorf("a leak of 15 MB a minute gives %v", err)
	}
	leak.Slack = 20
	if err := leak.Check(); err != nil {
		t.Errorf("growth within the slack: %v", err)
	}
	level, growth := series("leak", 60, 0.25).Trend()
	if level < 75 || level > 90 || growth < 13 || growth > 17 {
		t.Errorf("level %v, growth %v, want about 84 and 15", level, growth)
	}
	few := series("few", 60, 0)
	few.Points = few.Points[:30]
	if err := few.Check(); err == nil {
		t.Error("thirty samples are enough for a verdict")
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	r := soak.Report{Lasted: 2*time.Minute + time.Millisecond, Text: "Many releases.", Series: []*soak.Series{series("VmRSS <1>", 60, 0), series("goroutines", 200, 0)}}
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "soak.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"This run lasted 2m0s.", "Many releases.", "| goroutines | 20", "(soak.svg)"} {
		if !strings.Contains(string(page), part) {
			t.Errorf("the page lacks %q:\n%s", part, page)
		}
	}
	svg, err := os.Open(filepath.Join(dir, "soak.svg"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = svg.Close() }()
	lines := 0
	for d := xml.NewDecoder(svg); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the plot is no XML: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "polyline" {
			lines++
		}
	}
	if lines != 2 {
		t.Errorf("the plot has %d lines, want 2", lines)
	}
	if err := r.Write(filepath.Join(dir, "missing")); err == nil {
		t.Error("a folder that does not exist is written to")
	}
}
