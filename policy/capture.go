package policy

// The bounds of what is captured.
const (
	// MaxCaptured is of how many containers something is captured.
	MaxCaptured = 3
	// MaxLine is the longest captured line, in bytes.
	MaxLine = 256
)

// Captured is what a container of the convicted revision showed last, read right
// before the undo takes its pod away.
type Captured struct {
	Pod       string `json:"pod"`
	Container string `json:"container"`
	// State is the container's own, in a few words.
	State string `json:"state,omitempty"`
	// Previous says that Lines are of the container before its last restart.
	Previous bool `json:"previous,omitempty"`
	// Lines are the last ones of its log, oldest first, without what looks like a
	// secret. A line that was shortened ends with an ellipsis.
	Lines []string `json:"lines,omitempty"`
	// Left counts older lines that were read and are left out.
	Left int `json:"left,omitempty"`
	// Problem says why there are no lines.
	Problem string `json:"problem,omitempty"`
}
