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

// Write puts the rows between the marks of the part, which must be there.
func (p *Page) Write(file, part string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Put(file, part, "make faults", p.text())
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
	begin, end := "<!-- begin "+part+": written by "+command+" -->\n", "<!-- end "+part+" -->"
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

// text is the rows as Markdown.
func (p *Page) text() string {
	slices.SortStableFunc(p.rows, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Fault, b.Fault)) })
	var b strings.Builder
	b.WriteString("| fault | expected | received | invented | seen again | undos meanwhile | told within |\n|---|--:|--:|--:|--:|---|---|\n")
	for _, r := range p.rows {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %s | %s |\n", r.Fault, r.Expected, r.Received, r.Invented, r.Again, r.Undone, r.Caught)
	}
	return b.String()
}
