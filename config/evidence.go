package config

import (
	"fmt"
	"strconv"
)

// Evidence says what is read of the containers of a bad revision, beside their
// statuses, before an undo takes them away.
type Evidence struct {
	// Logs says whether the last lines of its containers' logs are read.
	Logs bool `yaml:"logs"`
	// Lines is how many lines of each log are read at most, 1 to 50.
	Lines int `yaml:"lines"`
}

// MaxEvidenceLines is how many lines of a log can be asked for. More would not
// fit into what is remembered of a revision.
const MaxEvidenceLines = 50

func (e Evidence) problem() string {
	if e.Lines < 1 || e.Lines > MaxEvidenceLines {
		return fmt.Sprintf("%s is not a number of lines; write 1 to %d, or logs: false to read none", strconv.Itoa(e.Lines), MaxEvidenceLines)
	}
	return ""
}
