package policy

// Phase is where a workload's rollout stands. doc.go has the diagram.
type Phase string

// The phases.
const (
	// PhaseNone is the phase of a workload that has not been judged yet.
	PhaseNone Phase = ""
	// Progressing: the revision is being rolled out, no evidence against it.
	Progressing Phase = "Progressing"
	// Suspect: there is evidence, not yet enough.
	Suspect Phase = "Suspect"
	// Baking: complete, and watched through its bake window.
	Baking Phase = "Baking"
	// Healthy: proven good.
	Healthy Phase = "Good"
	// RollingBack: convicted; the undo (or pause) is under way.
	RollingBack Phase = "RollingBack"
	// RolledBack: undone; the target has still to become healthy.
	RolledBack Phase = "RolledBack"
	// Held: the evidence is bad, but blame is not the revision's or acting is
	// not allowed.
	Held Phase = "Held"
	// Halted: needs a human.
	Halted Phase = "Halted"
)
