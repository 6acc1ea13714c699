package notify

import "slices"

// Captured is what one container showed last.
type Captured struct {
	// Pod and Container name it.
	Pod       string `json:"pod"`
	Container string `json:"container"`
	// State is the container's own, in a few words.
	State string `json:"state,omitempty"`
	// Previous says that Lines are of the container before its last restart.
	Previous bool `json:"previous,omitempty"`
	// Lines are the last ones of its log, oldest first. What looks like a secret
	// is replaced by [redacted]; a line that was shortened ends with an ellipsis.
	Lines []string `json:"lines,omitempty"`
	// Left counts older lines that were read and are left out.
	Left int `json:"left,omitempty"`
	// Problem says why there are no lines.
	Problem string `json:"problem,omitempty"`
}

// cloneCaptured copies what the cuts change.
func cloneCaptured(in []Captured) []Captured {
	out := slices.Clone(in)
	for i := range out {
		out[i].Lines = slices.Clone(out[i].Lines)
	}
	return out
}

// keepCaptured leaves out containers after the first so many, and of each of the
// others all lines but the last so many.
func (d *Data) keepCaptured(containers, lines int) {
	for i := range d.Captured {
		c := &d.Captured[i]
		keep := lines
		if i >= containers {
			keep = 0
		}
		if n := len(c.Lines) - keep; n > 0 {
			c.Lines, c.Left, d.Cut.Lines = c.Lines[n:], c.Left+n, d.Cut.Lines+n
		}
	}
	if len(d.Captured) > containers {
		d.Captured = d.Captured[:containers]
	}
}

// shortenCaptured cuts the texts of what was captured.
func (d *Data) shortenCaptured(limit int) {
	for i := range d.Captured {
		c := &d.Captured[i]
		for _, s := range []*string{&c.Pod, &c.Container, &c.State, &c.Problem} {
			d.shorten(s, limit)
		}
		for j := range c.Lines {
			d.shorten(&c.Lines[j], limit)
		}
	}
}
