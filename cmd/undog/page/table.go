package page

import "strings"

// Column is one column of a table. Right puts its texts to the right; Elastic
// lets it shrink, its texts cut in their middle, where the page is narrow.
type Column struct {
	Head    string
	Right   bool
	Elastic bool
}

const (
	// gap stands between columns.
	gap = 2
	// leastElastic is how far a column shrinks, leastLast what the last one
	// must have: else it gets a line of its own.
	leastElastic = 8
	leastLast    = 16
)

// Table writes rows under their heads. The last column takes what is left of
// the width and is broken into lines.
func (p *Page) Table(indent int, columns []Column, rows [][]string) {
	last := len(columns) - 1
	all := [][]string{make([]string, len(columns))}
	for i, c := range columns {
		all[0][i] = c.Head
	}
	all = append(all, rows...)
	widths := p.widths(columns, all, p.width-indent)
	total, longest := gap*last, 0
	for i := range last {
		total += widths[i]
	}
	for _, row := range all {
		longest = max(longest, Columns(Clean(row[last])))
	}
	below := indent+total+min(longest, leastLast) > p.width
	for i, row := range all {
		style := Plain
		if i == 0 {
			style = Bold
		}
		left := cells(columns[:last], widths, row)
		if !below {
			p.Item(indent, style, left, style, row[last])
			continue
		}
		p.Item(indent, style, left, style, "")
		if row[last] != "" {
			p.Text(indent+2*gap, style, row[last])
		}
	}
}

// cells is a row without its last cell.
func cells(columns []Column, widths []int, row []string) string {
	var b strings.Builder
	for j, c := range columns {
		cell := Short(row[j], widths[j])
		pad := strings.Repeat(" ", widths[j]-Columns(cell))
		if c.Right {
			cell = pad + cell
		} else {
			cell += pad
		}
		b.WriteString(cell + strings.Repeat(" ", gap))
	}
	return b.String()
}

// widths gives each column but the last what it needs, and takes from the
// elastic ones what there is not.
func (p *Page) widths(columns []Column, rows [][]string, room int) []int {
	last := len(columns) - 1
	widths := make([]int, last)
	room -= gap*last + leastLast
	for i := range widths {
		for _, row := range rows {
			widths[i] = max(widths[i], Columns(Clean(row[i])))
		}
		room -= widths[i]
	}
	for ; room < 0; room++ {
		widest := -1
		for i, c := range columns[:last] {
			if c.Elastic && widths[i] > leastElastic && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}
