//go:build e2e

package realnode_test

import (
	"bufio"
	"io"
	"strings"
	"testing"
)

// readUntil reads lines up to the one that holds the text.
func readUntil(t *testing.T, from io.Reader, text string) string {
	t.Helper()
	var read strings.Builder
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		read.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), text) {
			return read.String()
		}
	}
	t.Fatalf("the log ended (%v) without %q: %s", lines.Err(), text, read.String())
	return ""
}
