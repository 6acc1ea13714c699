// Package table writes the table of faults into a page, each part by those who
// played it. It must not judge: a row says what was counted.
package table

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

// Row is one fault with what was counted.
type Row struct {
	// Order is the place of the row within its part.
	Order int
	// Fault says what was done to undog, or to NATS.
	Fault string
	// Expected is how many durable transitions happened, Received how many of
	// them a subscriber saw, Invented how many it saw that never happened and
	// Again how many messages told it of what it knew.
	Expected, Received, Invented, Again int
	// Undone says how the undos went meanwhile, Caught how soon after the fault
	// everything had been told.
	Undone, Caught string
}

// Page collects the rows of one part of a page.
type Page struct {
	mu   sync.Mutex
	rows []Row
}

// Add takes a row.
func (p *Page) Add(r Row) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows = append(p.rows, r)
}

// maker writes the tables of faults.
const maker = "make faults"

// Write puts the rows between the marks of the part, which must be there. A row
// of the page that was not played this time, since it takes long or needs root,
// stays as it was measured last.
func (p *Page) Write(file, part string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	begin, end := marks(part, maker)
	_, rest, _ := strings.Cut(string(raw), begin)
	there, _, _ := strings.Cut(rest, end)
	return Put(file, part, maker, p.text(there))
}

// marks are the lines that a part is between.
func marks(part, command string) (begin, end string) {
	return "<!-- begin " + part + ": written by " + command + " -->\n", "<!-- end " + part + " -->"
}

// Put puts text between the marks of a part of a page, which name the command
// that writes it and must be there.
func Put(file, part, command, text string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	text, err = fill(string(raw), part, command, text)
	if err != nil {
		return fmt.Errorf("fill page %s: %w", file, err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// fill replaces what is between the marks of a part.
func fill(page, part, command, text string) (string, error) {
	begin, end := marks(part, command)
	head, rest, ok := strings.Cut(page, begin)
	if !ok {
		return "", fmt.Errorf("there is no line %q", strings.TrimSpace(begin))
	}
	_, tail, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("there is no line %q", end)
	}
	return head + begin + text + end + tail, nil
}

const head = "| fault | expected | received | invented | seen again | undos meanwhile | told within |\n|---|--:|--:|--:|--:|---|---|\n"

// text is the rows as Markdown: those of a table that was there before, each
// replaced if it was played, and after them in their order those that are new.
func (p *Page) text(before string) string {
	slices.SortStableFunc(p.rows, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Fault, b.Fault)) })
	var lines []string
	if table, ok := strings.CutPrefix(before, head); ok && table != "" {
		lines = strings.SplitAfter(strings.TrimSuffix(table, "\n"), "\n")
		lines[len(lines)-1] = strings.TrimSuffix(lines[len(lines)-1], "\n") + "\n"
	}
	at := 0
	for _, r := range p.rows {
		is := func(line string) bool { return strings.HasPrefix(line, "| "+r.Fault+" | ") }
		if i := slices.IndexFunc(lines, is); i >= 0 {
			lines[i], at = r.text(), i+1
			continue
		}
		lines = slices.Insert(lines, at, r.text())
		at++
	}
	return head + strings.Join(lines, "")
}

func (r Row) text() string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %s | %s |\n", r.Fault, r.Expected, r.Received, r.Invented, r.Again, r.Undone, r.Caught)
}
