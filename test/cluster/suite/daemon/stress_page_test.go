package daemon_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/undog-dev/undog/test/faults/table"
)

// stressRow is one fault with what was counted.
type stressRow struct {
	order int
	fault string
	// times is how often it happened, writes how many undog made, again how many
	// of these did once more what was done.
	times, writes, again int
	// wrong are writes and events that are not without the fault, missing those
	// that are only without it.
	wrong, missing int
	same           bool
}

// stressTable collects the rows.
type stressTable struct {
	mu   sync.Mutex
	rows []stressRow
}

func (p *stressTable) add(r stressRow) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows = append(p.rows, r)
}

// write puts the table into the page.
func (p *stressTable) write(file string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.SortFunc(p.rows, func(a, b stressRow) int { return cmp.Compare(a.order, b.order) })
	var b strings.Builder
	b.WriteString("| fault | times | writes | again | wrong | missing | end |\n|---|--:|--:|--:|--:|--:|---|\n")
	for _, r := range p.rows {
		end := "another"
		if r.same {
			end = "the same"
		}
		times := "–"
		if r.times > 0 {
			times = strconv.Itoa(r.times)
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d | %s |\n", r.fault, times, r.writes, r.again, r.wrong, r.missing, end)
	}
	return table.Put(file, "stress", "make stress", b.String())
}
