package freeze

import (
	"fmt"
	"strings"
	"time"
)

// String says when the window is, as in "Mon, Tue 22:00 to 06:00 the next day, Europe/Berlin".
func (w Window) String() string {
	var when string
	switch {
	case w.Dated:
		when = fmt.Sprintf("%s to %s", w.Start, w.End)
		if !w.End.Timed {
			when += " inclusive"
		}
	case w.From == 0 && w.To%midnight == 0:
		when = w.days() + ", the whole day"
	case w.To <= w.From:
		when = fmt.Sprintf("%s, %s to %s the next day", w.days(), w.From, w.To)
	default:
		when = fmt.Sprintf("%s, %s to %s", w.days(), w.From, w.To)
	}
	return when + ", " + w.zone().String()
}

func (w Window) days() string {
	if len(w.Days) == 0 {
		return "every day"
	}
	names := make([]string, len(w.Days))
	for i, d := range w.Days {
		names[i] = Days[d]
	}
	return strings.Join(names, " ")
}

// String writes the date as it is read.
func (d Date) String() string {
	text := d.noon().Format(time.DateOnly)
	if d.Timed {
		text += " " + d.Clock.String()
	}
	return text
}
