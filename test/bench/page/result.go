package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Result is one measurement. Times are in seconds and memory is in bytes.
type Result struct {
	Tier, Version, Machine string
	// Server is Real or Imitation; it is empty in measurements from before there was
	// the former.
	Server string `json:",omitempty"`
	At     time.Time
	// What there was.
	Pods, Deployments, ReplicaSets, Nodes int
	// FirstList is from the start of the program until it has read everything, and
	// FirstListCPU what processors were at it.
	FirstList, FirstListCPU float64
	// ListedRSS and ListedPeak are VmRSS and VmHWM then.
	ListedRSS, ListedPeak float64
	// Cost is of the frames of watches while nothing else happened.
	Cost
	// Largest is of those of the largest Deployment alone, which has LargestPods.
	Largest     Cost `json:",omitzero"`
	LargestPods int  `json:",omitempty"`
	// Crashing is of those of pods that crash over and over, of which there are
	// CrashingPods.
	Crashing     Cost `json:",omitzero"`
	CrashingPods int  `json:",omitempty"`
	// EventsBy are those of Cost by resource.
	EventsBy map[string]float64 `json:",omitempty"`
	// SteadyRSS is VmRSS then, and SteadyFile the part of it that is mapped from the
	// program's file.
	SteadyRSS, SteadyFile float64
	// Shares is what processor time goes into then, as shares of the whole.
	Shares map[string]float64 `json:",omitempty"`
	// Braked are as many at once as Burst, with the brake as it is by default.
	Braked Releases `json:",omitzero"`
	// BrakedBy counts what held the others, by veto.
	BrakedBy map[string]float64 `json:",omitempty"`
	// BrakedAfter is from the first evidence of any of them until the event that the
	// brake is on was received, and BrakedGood how many good releases were proven
	// while it was.
	BrakedAfter float64 `json:",omitempty"`
	BrakedGood  int     `json:",omitempty"`
	// Paced are bad releases one after the other, Burst all at once, and Beside one
	// after the other while those of Burst were judged.
	Paced, Burst Releases
	Beside       Releases `json:",omitzero"`
	// Acks is from a transition to its acknowledgement by JetStream.
	Acks Spread
	// Requests counts those to the API server by verb and resource.
	Requests map[string]uint64
	// EndRSS, EndPeak, Heap and Goroutines are at the end.
	EndRSS, EndPeak, Heap, Goroutines float64
}

// Cost is what frames of watches cost: CPUPerThousand is of 1,000 of them.
type Cost struct{ EventsPerSecond, CPUPerThousand, AllocsPerEvent, BytesPerEvent float64 }

// The API servers that undog was measured with.
const (
	Real      = "real"
	Imitation = "imitation"
)

// Releases is what came of bad releases.
type Releases struct {
	Number, Undone int
	// First is from the last evidence to the first request, Patch to the one that
	// sets the Deployment back; All is from the first evidence of any to the last
	// PATCH of any.
	First, Patch Spread
	All          float64
}

// Spread is how times lie, in seconds.
type Spread struct{ P50, P99, Max float64 }

// SpreadOf sorts times.
func SpreadOf(list []time.Duration) Spread {
	if len(list) == 0 {
		return Spread{}
	}
	list = slices.Sorted(slices.Values(list))
	at := func(share float64) float64 { return list[min(int(share*float64(len(list))), len(list)-1)].Seconds() }
	return Spread{P50: at(0.5), P99: at(0.99), Max: list[len(list)-1].Seconds()}
}

// PerPod is the resident memory divided by the pods.
func (r *Result) PerPod() float64 { return r.SteadyRSS / float64(max(r.Pods, 1)) }

// growth is the resident memory for each pod beyond those of the smallest tier: what
// there is without any pod is left out. It is 0 for that tier.
func (r *Result) growth(smallest *Result) float64 {
	if smallest == nil || r.Pods <= smallest.Pods {
		return 0
	}
	return (r.SteadyRSS - smallest.SteadyRSS) / float64(r.Pods-smallest.Pods)
}

// Keep adds a measurement to a folder.
func (r *Result) Keep(dir string) error {
	raw, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("keep a measurement: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("keep a measurement: %w", err)
	}
	name := fmt.Sprintf("%s-%s.json", r.Tier, r.At.UTC().Format("20060102T1504"))
	if err := os.WriteFile(filepath.Join(dir, name), append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("keep a measurement: %w", err)
	}
	return nil
}

// Read reads all measurements of a folder, the oldest first.
func Read(dir string) ([]*Result, error) {
	files, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read measurements: %w", err)
	}
	var all []*Result
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".json") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return nil, fmt.Errorf("read measurements: %w", err)
		}
		r := &Result{}
		if err := json.Unmarshal(raw, r); err != nil {
			return nil, fmt.Errorf("read measurement %s: %w", f.Name(), err)
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *Result) int { return a.At.Compare(b.At) })
	return all, nil
}
