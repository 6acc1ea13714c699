package main

import (
	"fmt"
	"os"
	"time"
)

// colours tells whether the output is a terminal that wants them.
var colours = func() bool {
	info, err := os.Stdout.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}()

func colour(code, s string) string {
	if !colours {
		return s
	}
	return "\033[" + code + "m" + s + "\033[0m"
}

func dim(s string) string   { return colour("2", s) }
func red(s string) string   { return colour("1;31", s) }
func green(s string) string { return colour("1;32", s) }

// title begins a part of the story.
func title(s string) { fmt.Printf("\n%s\n", colour("1;36", "── "+s)) }

// since is the time since the release, right-aligned.
func since(t time.Time) string { return dim(fmt.Sprintf("%6.1fs", time.Since(t).Seconds())) }
