package sim

import "fmt"

var onceOnly = &Invariant{
	Name: "I3",
	Says: "a template of a Deployment is undone once at most",
	write: func(s *simulation, w *write) error {
		if !w.undoes() {
			return nil
		}
		for i := range s.history.writes {
			other := &s.history.writes[i]
			if other != w && other.undoes() && other.before.UID == w.before.UID && other.from == w.from && !other.at.After(w.at) {
				return fmt.Errorf("%s was taken from %s at %s by %s, and again at %s by %s", w.before.Name, describe(s.world, w.from),
					other.at, other.undog, w.at, w.undog)
			}
		}
		return nil
	},
}
