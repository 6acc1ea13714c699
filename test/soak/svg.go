package soak

import (
	"fmt"
	"time"

	"github.com/undog-dev/undog/test/plot"
)

// draw draws one panel for each series, all over the same time, from zero up.
func draw(series []*Series) string {
	var panels []plot.Panel
	for _, s := range series {
		panels = append(panels, s.panel())
	}
	return plot.SVG(panels)
}

func (s *Series) panel() plot.Panel {
	p := plot.Panel{Title: s.Name, Name: func(x float64) string { return short(time.Duration(x)) }}
	if s.Unit != "" {
		p.Title += ", " + s.Unit
	}
	for _, at := range s.Points {
		p.Points = append(p.Points, plot.Point{X: float64(at.After), Y: at.Value})
	}
	if n := len(s.Points); n > 0 {
		last := float64(s.Points[n-1].After)
		p.Marks = []float64{0, last / 2, last}
	}
	return p
}

// short is a time in minutes and seconds.
func short(d time.Duration) string {
	d = d.Round(time.Second)
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}
