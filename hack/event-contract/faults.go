package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// faultsName is the page where every fault is told with all that was counted.
const faultsName = "docs/faults.md"

// columns are those of that page that are repeated here, with what they are
// called here.
var columns = []struct{ there, here string }{
	{"fault", "fault"},
	{"expected", "events expected"},
	{"received", "received"},
	{"seen again", "duplicates by id"},
	{"undos meanwhile", "undos meanwhile, and how late"},
}

// faults is what the page of faults says, in short: make faults writes that page,
// this one only repeats it.
func faults(root string) (string, error) {
	page, err := os.ReadFile(filepath.Join(root, faultsName))
	if err != nil {
		return "", fmt.Errorf("read the page of faults: %w", err)
	}
	return shortened(string(page))
}

// shortened makes one table of those of the page.
func shortened(page string) (string, error) {
	var out strings.Builder
	var heads, rules []string
	for i, c := range columns {
		heads = append(heads, c.here)
		rules = append(rules, "--:")
		if i == 0 || i == len(columns)-1 {
			rules[i] = "---"
		}
	}
	fmt.Fprintf(&out, "| %s |\n|%s|\n", strings.Join(heads, " | "), strings.Join(rules, "|"))
	rows := 0
	for _, part := range []string{"stream", "undog"} {
		_, rest, begun := strings.Cut(page, "<!-- begin "+part+": written by make faults -->\n")
		table, _, ended := strings.Cut(rest, "<!-- end "+part+" -->")
		if !begun || !ended {
			return "", fmt.Errorf("%s has no part %s between its marks", faultsName, part)
		}
		lines := strings.Split(strings.TrimSpace(table), "\n")
		head := cells(lines[0])
		for _, line := range lines[min(2, len(lines)):] {
			row := cells(line)
			var short []string
			for _, c := range columns {
				at := slices.Index(head, c.there)
				if at < 0 || at >= len(row) {
					return "", fmt.Errorf("%s: part %s: no column %q in %q", faultsName, part, c.there, line)
				}
				short = append(short, row[at])
			}
			fmt.Fprintf(&out, "| %s |\n", strings.Join(short, " | "))
			rows++
		}
	}
	if rows == 0 {
		return "", fmt.Errorf("%s has no rows: run make faults", faultsName)
	}
	return out.String(), nil
}

// cells are those of a row of a table.
func cells(line string) []string {
	parts := strings.Split(strings.Trim(line, "| "), "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
