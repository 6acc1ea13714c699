package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// beside compares a cost with that of all kinds of events, "" if it was not
// measured.
func (r *Result) beside(c *Cost) string {
	if *c == (Cost{}) {
		return ""
	}
	return fmt.Sprintf("%.3f s, %.0f (%.0f bytes): %.2f × the time", c.CPUPerThousand, c.AllocsPerEvent, c.BytesPerEvent, r.ratio(c))
}

// ratio is a cost in processor time as a multiple of that of all kinds of events.
func (r *Result) ratio(c *Cost) float64 { return c.CPUPerThousand / max(r.CPUPerThousand, 1e-9) }

// crashing is beside for pods that crash. A measurement in which any of it was
// undone is none.
func (r *Result) crashing() string {
	if r.CrashingPods == 0 {
		return ""
	}
	return r.beside(&r.Crashing) + "; 0"
}

// meanwhile says what came of the bad releases during the burst, "" if there were
// none.
func (r *Result) meanwhile() string {
	if r.Beside.Number == 0 {
		return ""
	}
	return fmt.Sprintf("%d; %s", r.Beside.Undone, r.Beside.Patch)
}

// braked says how many were undone before the brake held, "" if that was not tried.
func (r *Result) braked() string {
	if r.Braked.Number == 0 {
		return ""
	}
	var by []string
	for _, veto := range slices.Sorted(maps.Keys(r.BrakedBy)) {
		by = append(by, fmt.Sprintf("%s %.0f", veto, r.BrakedBy[veto]))
	}
	return fmt.Sprintf("%d; held: %s", r.Braked.Undone, strings.Join(by, ", "))
}

func (r *Result) brakedAfter() string {
	if r.BrakedAfter == 0 {
		return ""
	}
	return short(r.BrakedAfter)
}

func (r *Result) brakedGood() string {
	if r.BrakedGood == 0 {
		return ""
	}
	return fmt.Sprint(r.BrakedGood)
}
