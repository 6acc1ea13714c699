package page_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/test/bench/page"
)

func TestHistoryBecomesAPage(t *testing.T) {
	dir := t.TempDir()
	history := filepath.Join(dir, "bench")
	at := time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC)
	for i, tier := range []string{"M", "XL", "M"} {
		r := &page.Result{Tier: tier, At: at.Add(time.Duration(i) * time.Hour), Version: "v1", Machine: "a machine", Pods: 10_000, SteadyRSS: float64(100+i) * (1 << 20)}
		if tier == "XL" {
			r.Pods, r.CPUPerThousand = 150_000, 0.2
			r.LargestPods, r.Largest.CPUPerThousand = 5_000, 0.21
			r.CrashingPods, r.Crashing.CPUPerThousand = 3_000, 0.3
			r.Braked, r.BrakedBy, r.BrakedAfter, r.BrakedGood = page.Releases{Number: 500, Undone: 5}, map[string]float64{"FleetBrake": 495}, 0.04, 5
			r.Beside = page.Releases{Number: 20, Undone: 20, Patch: page.Spread{P50: 1, P99: 2, Max: 2}}
		}
		if err := r.Keep(history); err != nil {
			t.Fatal(err)
		}
	}
	all, err := page.Read(history)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 || all[1].Tier != "XL" {
		t.Fatalf("read %d measurements", len(all))
	}
	const lines = "goos: linux\nBenchmarkPods/undog-2 \t20000\t 19166 ns/op\t 1016 bytes/pod\t 6791 B/op\t 55 allocs/op\n" +
		"BenchmarkPods/client-go-2 \t20000\t 142499 ns/op\t 22352 bytes/pod\t 46640 B/op\t 318 allocs/op\nPASS\n"
	if err := os.WriteFile(filepath.Join(history, "neighbours.txt"), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := page.Write(dir); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, part := range []string{
		"## M\n", "## XL\n", "| VmRSS under load | 102.0 MB | 60 MB |", "| M | 2030-01-02 03:04 |", "| client-go | 22352 | 22.0 × | 142.5 µs | 7.4 × |",
		"| the same of events in one Deployment of 5000 pods alone | 0.210 s, 0 (0 bytes): 1.05 × the time |",
		"| the same of events of 3000 pods that crash over and over; undone | 0.300 s, 0 (0 bytes): 1.50 × the time; 0 |",
		"| 500 bad releases at once, the brake on: undone | 5; held: FleetBrake 495 |",
		"| first evidence of any → event that the brake is on | 40ms |", "| good releases proven while it is | 5 |",
		"| 20 more in turn meanwhile: undone; last evidence → PATCH | 20; p50 1s, p99 2s, max 2s | 20 |",
		"| XL | 150000 |  | 200 µs | 1.05 × | 1.50 × |",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	if strings.Index(text, "## M\n") > strings.Index(text, "## XL\n") {
		t.Error("tiers are not in the order of their size")
	}
}

func TestSpread(t *testing.T) {
	var list []time.Duration
	for i := range 100 {
		list = append(list, time.Duration(100-i)*time.Millisecond)
	}
	s := page.SpreadOf(list)
	if s.P50 != 0.051 || s.P99 != 0.1 || s.Max != 0.1 {
		t.Errorf("%+v", s)
	}
	if page.SpreadOf(nil) != (page.Spread{}) {
		t.Error("nothing has a spread")
	}
}
