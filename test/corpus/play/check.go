package play

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/undog-dev/undog/test/corpus/scenario"
)

// Check says in which ways the result is not what the scenario expects.
func (r *Result) Check() error {
	var errs []error
	for _, e := range r.Scenario.Expected(r.Cell) {
		if err := r.Workloads[e.Workload].check(e); err != nil {
			errs = append(errs, fmt.Errorf("%s: want %s: %w", e.Workload, e.Verdict, err))
		}
	}
	return errors.Join(errs...)
}

// Verdict is what undog came to.
func (o *Outcome) Verdict() scenario.Verdict {
	switch {
	case len(o.Undone) > 0:
		return scenario.Rollback
	case len(o.Held) > 0:
		return scenario.Hold
	}
	return scenario.None
}

func (o *Outcome) check(e scenario.Expect) error {
	var errs []error
	switch e.Verdict {
	case scenario.Rollback:
		errs = append(errs, o.checkRollback(e))
	case scenario.Hold:
		errs = append(errs, o.checkLeft(), o.checkHeld(e.Reasons))
	case scenario.None:
		errs = append(errs, o.checkLeft(), o.checkQuiet(e.Reasons))
	}
	if len(e.Held) > 0 {
		errs = append(errs, o.checkHeld(e.Held))
	}
	for _, kind := range e.Told {
		if !slices.Contains(o.Kinds, kind) {
			errs = append(errs, fmt.Errorf("told nothing of %s", kind))
		}
	}
	final := e.Final
	switch {
	case final != "":
	case e.Verdict == scenario.Rollback:
		final = "v1"
	default:
		final = o.released
	}
	if final != "" && !o.Gone && o.Final != final && errors.Join(errs...) == nil {
		errs = append(errs, fmt.Errorf("the template at the end is that of %q, not of %s", o.Final, final))
	}
	return errors.Join(errs...)
}

// checkLeft says when undog undid what it was to leave alone.
func (o *Outcome) checkLeft() error {
	if len(o.Undone) > 0 {
		return fmt.Errorf("rolled back after %s for %s", o.Undone[0], o.Reason)
	}
	return nil
}

// checkHeld wants a hold for one of the reasons.
func (o *Outcome) checkHeld(reasons []string) error {
	if slices.ContainsFunc(o.Held, func(h string) bool { return slices.Contains(reasons, h) }) {
		return nil
	}
	return fmt.Errorf("held for [%s], not for one of %v", strings.Join(o.Held, ", "), reasons)
}

// checkQuiet wants no hold but for these reasons.
func (o *Outcome) checkQuiet(reasons []string) error {
	for _, h := range o.Held {
		if !slices.Contains(reasons, h) {
			return fmt.Errorf("held for %s", h)
		}
	}
	return nil
}

func (o *Outcome) checkRollback(e scenario.Expect) error {
	switch {
	case len(o.Undone) == 0 && len(o.Held) > 0:
		return fmt.Errorf("held for [%s]", strings.Join(o.Held, ", "))
	case len(o.Undone) == 0:
		return errors.New("nothing was undone")
	case len(o.Undone) != max(e.Undos, 1):
		return fmt.Errorf("undone %d times, at %v", len(o.Undone), o.Undone)
	case o.Undone[0] > e.Latest.Duration:
		return fmt.Errorf("rolled back after %s, not within %s", o.Undone[0], e.Latest)
	case o.Undone[0] < 0:
		return fmt.Errorf("rolled back %s before the release", -o.Undone[0])
	case len(e.Reasons) > 0 && !slices.Contains(e.Reasons, o.Reason):
		return fmt.Errorf("rolled back for %s, not for one of %v", o.Reason, e.Reasons)
	}
	return nil
}
