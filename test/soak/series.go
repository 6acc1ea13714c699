package soak

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Point is what was measured at a time after the start.
type Point struct {
	After time.Duration
	Value float64
}

// Series is one thing measured over and over.
type Series struct {
	// Name and Unit are for people; Unit may be "".
	Name, Unit string
	// Share is how much it may grow over the second half of the time, as a share
	// of its level there; Slack is what it may grow in any case, in its unit.
	Share, Slack float64
	Points       []Point
}

// minPoints are needed for a verdict.
const minPoints = 20

// second is the second half, in time, of the points.
func (s *Series) second() []Point {
	if len(s.Points) == 0 {
		return nil
	}
	half := s.Points[0].After + (s.Points[len(s.Points)-1].After-s.Points[0].After)/2
	i, _ := slices.BinarySearchFunc(s.Points, half, func(p Point, at time.Duration) int { return cmp.Compare(p.After, at) })
	return s.Points[i:]
}

// Trend is the level of the second half, its median, and how much of it was
// added over that half: the Theil-Sen slope, which single peaks do not move.
func (s *Series) Trend() (level, growth float64) {
	points := s.second()
	if len(points) < 2 {
		return 0, 0
	}
	values := make([]float64, len(points))
	var slopes []float64
	for i, p := range points {
		values[i] = p.Value
		for _, q := range points[i+1:] {
			if dt := (q.After - p.After).Seconds(); dt > 0 {
				slopes = append(slopes, (q.Value-p.Value)/dt)
			}
		}
	}
	span := points[len(points)-1].After - points[0].After
	return median(values), median(slopes) * span.Seconds()
}

// Check returns an error when the series is too short to judge, or grows.
func (s *Series) Check() error {
	if n := len(s.second()); n < minPoints {
		return fmt.Errorf("judge %s: %d samples in the second half, want %d at least", s.Name, n, minPoints)
	}
	level, growth := s.Trend()
	if allowed := s.allowed(level); growth > allowed {
		return fmt.Errorf("%s grew by %.4g%s over the second half, from a level of %.4g%s; %.4g%s are allowed", s.Name, growth, s.Unit, level, s.Unit, allowed, s.Unit)
	}
	return nil
}

func (s *Series) allowed(level float64) float64 { return max(s.Share*level, s.Slack) }

func median(list []float64) float64 {
	if len(list) == 0 {
		return math.NaN()
	}
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}
