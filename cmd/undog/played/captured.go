package played

import (
	"fmt"

	"github.com/undog-dev/undog/policy"
)

// Captured is what a container showed last, as lines. Those of its log are
// indented; from how many of them on they are left out, most says: the newest
// count. 0 leaves out none.
func Captured(c policy.Captured, most int) []string {
	head := c.Pod
	if c.Container != "" {
		head += ", container " + c.Container
	}
	if c.State != "" {
		head += ": " + c.State
	}
	lines := []string{head}
	shown, left := c.Lines, c.Left
	if most > 0 && len(shown) > most {
		shown, left = shown[len(shown)-most:], left+len(shown)-most
	}
	if len(shown) > 0 {
		title := "last lines of its log:"
		if c.Previous {
			title = "last lines of its log, before it was started again:"
		}
		lines = append(lines, "  "+title)
	}
	if left > 0 {
		lines = append(lines, fmt.Sprintf("  (%d before these are left out)", left))
	}
	for _, line := range shown {
		lines = append(lines, "  | "+line)
	}
	if c.Problem != "" {
		lines = append(lines, "  no lines: "+c.Problem)
		if len(shown) > 0 {
			lines[len(lines)-1] = "  not all of it: " + c.Problem
		}
	}
	return lines
}
