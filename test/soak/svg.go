package soak

import (
	"fmt"
	"html"
	"strings"
	"time"
)

// The measures of the plot, in pixels.
const (
	width, panel    = 760, 150
	left, right     = 70, 20
	top, underneath = 28, 22
)

// plot draws one panel for each series, all over the same time, from zero up.
func plot(series []*Series) string {
	var b strings.Builder
	height := panel*len(series) + 10
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	for i, s := range series {
		s.draw(&b, float64(i*panel))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// draw draws a panel from y on.
func (s *Series) draw(b *strings.Builder, y float64) {
	if len(s.Points) == 0 {
		return
	}
	last, peak := s.Points[len(s.Points)-1].After, 1.0
	for _, p := range s.Points {
		peak = max(peak, p.Value)
	}
	peak *= 1.1
	bottom, w, h := y+panel-underneath, float64(width-left-right), float64(panel-top-underneath)
	at := func(p Point) (float64, float64) {
		return left + w*float64(p.After)/float64(max(last, 1)), bottom - h*p.Value/peak
	}
	title := s.Name
	if s.Unit != "" {
		title += ", " + s.Unit
	}
	fmt.Fprintf(b, `<text x="%d" y="%.1f" font-weight="bold">%s</text>`+"\n", left, y+18, html.EscapeString(title))
	for _, share := range []float64{0, 0.5, 1} {
		line := bottom - h*share
		fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#ddd"/>`+"\n", left, line, width-right, line)
		fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end" fill="#666">%.4g</text>`+"\n", left-6, line+4, peak*share)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle" fill="#666">%s</text>`+"\n", left+w*share, bottom+15, short(time.Duration(float64(last)*share)))
	}
	b.WriteString(`<polyline fill="none" stroke="#2563eb" stroke-width="1.5" points="`)
	for _, p := range s.Points {
		x, y := at(p)
		fmt.Fprintf(b, "%.1f,%.1f ", x, y)
	}
	b.WriteString(`"/>` + "\n")
}

// short is a time in minutes and seconds.
func short(d time.Duration) string {
	d = d.Round(time.Second)
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}
