package app

import (
	"fmt"
	"os"
	"time"
)

const refreshPeriod = time.Second

// display shows steps with the seconds since the start. On a terminal the
// seconds of the current step run.
type display struct {
	to       *os.File
	terminal bool
	begun    time.Time
	current  string
	ticker   *time.Ticker
}

func newDisplay(to *os.File) *display {
	info, err := to.Stat()
	return &display{
		to: to, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0,
		begun: time.Now(), ticker: time.NewTicker(refreshPeriod),
	}
}

func (d *display) tick() <-chan time.Time { return d.ticker.C }

func (d *display) step(step string) {
	if d.terminal && d.current != "" {
		d.print("\n")
	}
	d.current = step
	if d.terminal {
		d.refresh()
		return
	}
	d.print("%5.1fs %s\n", time.Since(d.begun).Seconds(), step)
}

func (d *display) refresh() {
	if d.terminal && d.current != "" {
		d.print("\r%5.1fs %s", time.Since(d.begun).Seconds(), d.current)
	}
}

func (d *display) end() {
	d.ticker.Stop()
	if d.terminal && d.current != "" {
		d.print("\n")
	}
}

// print shows text. There is nobody to tell that the display failed.
func (d *display) print(format string, args ...any) { _, _ = fmt.Fprintf(d.to, format, args...) }
