package sim

import (
	"errors"
	"strings"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

var ownersWord = &Invariant{
	Name: "I7",
	Says: "nothing is written to a workload that its owner paused or took out of undog's hands, nor in observe mode",
	write: func(s *simulation, w *write) error {
		mode := strings.ToLower(strings.TrimSpace(w.before.Annotations[ledger.ModeAnnotation]))
		switch {
		case s.settings.Mode != policy.Enforce:
			return errors.New(w.before.Name + " was written to in mode " + string(s.settings.Mode))
		case mode == string(policy.Off) || mode == string(policy.Observe):
			return errors.New(w.before.Name + " was written to, and its owner had set the mode to " + mode)
		case w.before.Spec.Paused && w.before.Annotations[ledger.PausedByAnnotation] == "":
			return errors.New(w.before.Name + " was written to while its owner had paused it")
		}
		return nil
	},
}
