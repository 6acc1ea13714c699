package corpus

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

// CheckVetoes takes each veto away in turn. The scenarios that fail then must
// be exactly those that were written for it. The report says which do.
func CheckVetoes(all []*scenario.Scenario) (report string, err error) {
	var out strings.Builder
	var errs []error
	for _, s := range all {
		if s.Veto != "" && !slices.Contains(policy.Vetoes(), s.Veto) {
			errs = append(errs, fmt.Errorf("%s: veto: %q is none: they are %s", s.ID, s.Veto, strings.Join(policy.Vetoes(), ", ")))
		}
	}
	before, err := Failing(all, nil)
	if err != nil {
		return "", err
	}
	for _, name := range policy.Vetoes() {
		failing, err := Failing(all, []string{name})
		if err != nil {
			return out.String(), err
		}
		var want []string
		for _, s := range all {
			if s.Veto != name {
				continue
			}
			want = append(want, s.ID)
			if slices.Contains(failing, s.ID) {
				continue
			}
			fails, err := FailsWithout(s, name)
			if err != nil {
				return out.String(), err
			}
			if fails {
				failing = append(failing, s.ID)
			}
		}
		slices.Sort(failing)
		got := slices.DeleteFunc(failing, func(id string) bool { return slices.Contains(before, id) })
		fmt.Fprintf(&out, "without %s: %s\n", name, strings.Join(got, " "))
		if len(want) == 0 {
			errs = append(errs, fmt.Errorf("%s: no scenario was written for it", name))
		}
		if !slices.Equal(got, want) {
			errs = append(errs, fmt.Errorf("%s: without it [%s] fail, not [%s]", name, strings.Join(got, " "), strings.Join(want, " ")))
		}
	}
	return out.String(), errors.Join(errs...)
}

// Failing lists the scenarios of which any quick cell fails without some vetoes.
func Failing(all []*scenario.Scenario, without []string) ([]string, error) {
	runs, err := Play(all, Settings{Cells: QuickCells, Without: without})
	if err != nil {
		return nil, err
	}
	failing := map[string]bool{}
	for _, r := range runs {
		if r.Wrong != nil {
			failing[r.Scenario.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(failing)), nil
}

// FailsWithout tells whether a scenario fails without a veto in any cell of its matrix,
// of which the largest are played first. Where chance decides which pods a check asks,
// it may get by in the quick ones.
func FailsWithout(s *scenario.Scenario, veto string) (bool, error) {
	for _, c := range slices.Backward(AllCells(s)) {
		runs, err := Play([]*scenario.Scenario{s}, Settings{
			Cells: func(*scenario.Scenario) []scenario.Cell { return []scenario.Cell{c} }, Without: []string{veto},
		})
		if err != nil {
			return false, err
		}
		if runs[0].Wrong != nil {
			return true, nil
		}
	}
	return false, nil
}
