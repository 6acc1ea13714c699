package freeze

import "time"

// maxChain bounds how far windows that follow each other without a break are
// followed. Those that never end are asked again at the end of the chain.
const maxChain = 32

// Frozen makes what a policy asks: whether a time lies in a window, in which,
// and until when. Windows that overlap or follow each other without a break
// count as one, with the name of the first in the list that holds the time. It
// returns nil without windows.
func Frozen(windows []Window) func(at time.Time) (name string, until time.Time, frozen bool) {
	if len(windows) == 0 {
		return nil
	}
	return func(at time.Time) (string, time.Time, bool) {
		name, until, frozen := during(windows, at)
		for range maxChain {
			_, later, more := during(windows, until)
			if !frozen || !more {
				break
			}
			until = later
		}
		return name, until, frozen
	}
}

// during is the first window that holds a time, and the latest end of all that do.
func during(windows []Window, at time.Time) (name string, until time.Time, frozen bool) {
	for _, w := range windows {
		s, ok := w.At(at)
		if !ok || !s.holds(at) {
			continue
		}
		if !frozen {
			name, frozen = w.Name, true
		}
		if s.End.After(until) {
			until = s.End
		}
	}
	return name, until, frozen
}
