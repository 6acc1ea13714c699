package policy

import (
	"fmt"
	"time"
)

const (
	// crashExits is how often one pod must exit in the same way. Two exits
	// may still be a start-up race that a third try wins.
	crashExits = 3
	// crashQuiet is how long a container that exited must run for its exits
	// to be no longer held against the revision.
	crashQuiet = time.Minute
)

// crashRule convicts a revision whose container keeps exiting in the same way:
// three times in one pod, and twice or more in at least half of the pods that
// have started. One pod in many that crashes on its own convicts nobody.
func crashRule(c *Case) Finding {
	var best Finding
	for _, f := range c.Revision.Failures {
		if !f.Exited || f.Pods == 0 || cannotStart(f) {
			continue
		}
		if got := crashFinding(c, f); got.Level > best.Level {
			best = got
		}
	}
	return best
}

func crashFinding(c *Case, f Failure) Finding {
	quiet := f.Last.Add(crashQuiet)
	if !c.At.Before(quiet) && c.Revision.Ready == c.Revision.Pods {
		return Finding{}
	}
	if !c.At.Before(quiet) {
		quiet = time.Time{}
	}
	got := Finding{Level: Suspicious, Reason: crashReason(f), Failures: []Failure{f}, WakeAt: quiet, Message: fmt.Sprintf(
		"container %s %s: %s, at most %d in one pod, %d of %s affected",
		f.Container, exitedHow(f), count(f.Count, "time"), f.MaxCount, f.Pods, count(max(c.Revision.Pods, f.Pods), "pod"))}
	if f.MaxCount >= crashExits && 2*f.Repeated >= max(c.Revision.Started, 1) {
		got.Level = Convicting
	}
	return got
}

// crashReason names a crash loop by what ends the container.
func crashReason(f Failure) string {
	if f.Reason == "OOMKilled" {
		return "OOMKilled"
	}
	return "CrashLoop"
}

// exitedHow says how a container ended.
func exitedHow(f Failure) string {
	switch {
	case f.Reason == "OOMKilled":
		return "was killed for using more memory than its limit"
	case f.ExitCode == 0:
		return "ended by itself with exit code 0"
	}
	return fmt.Sprintf("exited with code %d", f.ExitCode)
}
