package plot

import (
	"fmt"
	"html"
	"strings"
)

// Panel is one line over an axis.
type Panel struct {
	Title string
	// Points are in the order of X, which begins at First.
	Points []Point
	First  float64
	// Marks are the places of the axis that are named, from First on; Name names them.
	Marks []float64
	Name  func(x float64) string
	// Limit is drawn as a line across, if it is not 0.
	Limit float64
	// Dots marks each point.
	Dots bool
}

// Point is one of a line.
type Point struct{ X, Y float64 }

// The measures of the plot, in pixels.
const (
	width, panel    = 760, 150
	left, right     = 70, 20
	top, underneath = 28, 22
)

// SVG draws the panels.
func SVG(panels []Panel) string {
	var b strings.Builder
	height := panel*len(panels) + 10
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	for i := range panels {
		panels[i].draw(&b, float64(i*panel))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// draw draws a panel from y on.
func (p *Panel) draw(b *strings.Builder, y float64) {
	if len(p.Points) == 0 {
		return
	}
	last, peak := p.First, p.Limit
	for _, at := range p.Points {
		last, peak = max(last, at.X), max(peak, at.Y)
	}
	for _, mark := range p.Marks {
		last = max(last, mark)
	}
	if peak == 0 {
		peak = 1
	}
	peak *= 1.1
	bottom, w, h := y+panel-underneath, float64(width-left-right), float64(panel-top-underneath)
	across := func(x float64) float64 {
		if last == p.First {
			return left
		}
		return left + w*(x-p.First)/(last-p.First)
	}
	fmt.Fprintf(b, `<text x="%d" y="%.1f" font-weight="bold">%s</text>`+"\n", left, y+18, html.EscapeString(p.Title))
	for _, share := range []float64{0, 0.5, 1} {
		line := bottom - h*share
		fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#ddd"/>`+"\n", left, line, width-right, line)
		fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end" fill="#666">%.4g</text>`+"\n", left-6, line+4, peak*share)
	}
	for _, mark := range p.Marks {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle" fill="#666">%s</text>`+"\n", across(mark), bottom+15, html.EscapeString(p.Name(mark)))
	}
	if p.Limit > 0 {
		line := bottom - h*p.Limit/peak
		fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#dc2626" stroke-dasharray="6 4"/>`+"\n", left, line, width-right, line)
	}
	b.WriteString(`<polyline fill="none" stroke="#2563eb" stroke-width="1.5" points="`)
	for _, at := range p.Points {
		fmt.Fprintf(b, "%.1f,%.1f ", across(at.X), bottom-h*at.Y/peak)
	}
	b.WriteString(`"/>` + "\n")
	if !p.Dots {
		return
	}
	for _, at := range p.Points {
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="#2563eb"/>`+"\n", across(at.X), bottom-h*at.Y/peak)
	}
}
