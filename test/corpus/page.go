package corpus

import (
	"fmt"
	"strings"
)

// The names of the generated blocks of the page.
const (
	BlockSummary   = "summary"
	BlockScenarios = "scenarios"
)

func markers(block string) (begin, end string) {
	return "<!-- begin " + block + ": written by make corpus -->\n", "<!-- end " + block + " -->"
}

// Fill replaces a generated block of the page.
func Fill(page, block, content string) (string, error) {
	begin, end := markers(block)
	before, rest, ok := strings.Cut(page, begin)
	if !ok {
		return "", fmt.Errorf("fill page: the line %q is missing: put it back", strings.TrimSpace(begin))
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("fill page: the line %q is missing: put it back", end)
	}
	return before + begin + content + end + after, nil
}
