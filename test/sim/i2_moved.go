package sim

import "fmt"

var nothingMoved = &Invariant{
	Name: "I2",
	Says: "nothing is written when the workload's uid or generation moved since it was judged and read",
	write: func(_ *simulation, w *write) error {
		uid, generation := string(w.before.UID), w.before.Generation
		switch {
		case w.decision.Workload.UID != uid:
			return fmt.Errorf("%s was written with uid %s, judged with %s", w.before.Name, uid, w.decision.Workload.UID)
		case w.decision.Generation != generation:
			return fmt.Errorf("%s was written at generation %d, judged at %d", w.before.Name, generation, w.decision.Generation)
		case w.readUID != uid || w.readGeneration != generation:
			return fmt.Errorf("%s was written at generation %d, read at %d", w.before.Name, generation, w.readGeneration)
		}
		return nil
	},
}
