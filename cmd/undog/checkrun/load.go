package checkrun

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/config/spell"
)

// Select returns the checks that are to be played: the one with the name or,
// without one, all that the daemon would play on what was chosen. The note says
// that the daemon would not play the one that was named. Errors are ErrInput.
func Select(file *config.File, name string, chosen *Chosen) (checks []config.Check, note string, err error) {
	all := file.Config.Checks
	if len(all) == 0 {
		return nil, "", inputf("%s has no checks; write them under checks:, as in undog's configuration", file.Name)
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	if name != "" {
		i := slices.Index(names, name)
		if i < 0 {
			hint := "it has " + strings.Join(names, ", ")
			if near := spell.Closest(name, names); near != "" {
				hint = "did you mean " + near + "?"
			}
			return nil, "", inputf("%s has no check %q; %s", file.Name, name, hint)
		}
		if !matches(all[i].Match, chosen) {
			note = fmt.Sprintf("undog would not play check %s on %s: its match is for others", name, chosen.On)
		}
		return all[i : i+1], note, nil
	}
	for i := range all {
		if matches(all[i].Match, chosen) {
			checks = append(checks, all[i])
		}
	}
	if len(checks) == 0 {
		return nil, "", inputf("no check of %s matches %s; name one with --check (%s), or correct its match", file.Name, chosen.On, strings.Join(names, ", "))
	}
	return checks, "", nil
}

// matches tells whether a check is for what was chosen. A pod without a
// Deployment has no labels to go by.
func matches(m config.Match, chosen *Chosen) bool {
	if len(m.Namespaces) > 0 && !slices.Contains(m.Namespaces, chosen.Namespace) {
		return false
	}
	selector, err := labels.Parse(m.Selector)
	return chosen.New.Revision == 0 || err == nil && selector.Matches(labels.Set(chosen.Labels))
}
